"""Environments from locks: of one service, and one that has the packages of every option."""

import re
import shutil
import sys
from pathlib import Path

from .index import uv
from .template import TEMPLATE


def create(environment: Path, requirements: Path, *options: str) -> None:
    """Makes a virtual environment with what a lock names.

    Args:
        environment: its directory; it is made anew if it is there.
        requirements: the lock.
        options: further ones of `uv pip install`.

    Raises:
        UnsolvableError: a package cannot be installed.
        UnreachableError: the index could not be asked.
    """
    uv("venv", "--quiet", "--clear", "--python", sys.executable, environment)
    fill(environment, requirements, *options)


def fill(environment: Path, requirements: Path, *options: str) -> None:
    """Installs what a lock names into an environment that is there; see `create`."""
    install = ["pip", "install", "--quiet", "--python", environment / "bin" / "python"]
    uv(*install, "--require-hashes", *options, "--requirement", requirements)


def install(service: Path) -> None:
    """Does what the service's `make install` does, with uv, whose cache makes it fast.

    Raises:
        UnsolvableError: a package cannot be installed.
        UnreachableError: the index could not be asked.
    """
    environment = service / ".venv"
    create(environment, service / "requirements-dev.txt")
    editable = ["pip", "install", "--quiet", "--python", environment / "bin" / "python"]
    uv(*editable, "--no-deps", "--no-build-isolation", "--editable", ".", cwd=service)
    (environment / ".installed").touch()


def provide(directory: Path, template: Path = TEMPLATE) -> Path:
    """Returns a virtual environment with all that a service can lock; makes it if it is missing.

    All options are locked together, so there is one version of each package.

    Args:
        directory: the environment's own, for nothing else.
        template: the template that has the locks.

    Raises:
        UnsolvableError: a package cannot be installed.
        UnreachableError: the index could not be asked.
    """
    environment, complete = directory / "environment", directory / "complete"
    if not complete.exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        lock = (template / "requirements-dev.txt").read_text(encoding="utf-8")
        requirements = directory / "every-option.txt"
        requirements.write_text(re.sub(r"^<%.*\n", "", lock, flags=re.MULTILINE), encoding="utf-8")
        create(environment, requirements, "--no-deps")
        complete.touch()
    return environment
