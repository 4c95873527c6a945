"""The package index, as uv and pip are set up to reach it."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from packaging.version import Version

# The status of commands that could not ask the index.
UNREACHABLE = 3

TROUBLE = re.compile(r"Failed to (fetch|download)|Request failed|error sending request")


class UnsolvableError(Exception):
    """No versions satisfy all requirements, or a package cannot be installed."""


class UnreachableError(Exception):
    """The index did not answer as it should."""


def uv(*arguments: str | Path, cwd: Path | None = None) -> str:
    """Runs a command of uv and returns what it prints.

    Raises:
        UnsolvableError: the packages do not go together or cannot be installed.
        UnreachableError: the index could not be asked.
    """
    command = [sys.executable, "-m", "uv", *map(str, arguments)]
    run = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if run.returncode:
        says = " ".join(run.stderr.split()).removeprefix("error: ")
        if TROUBLE.search(run.stderr):
            raise UnreachableError(f"The package index could not be asked: {says}")
        raise UnsolvableError(says)
    return run.stdout


def resolve(wanted: Iterable[str], constraints: str, python: str, *options: str) -> str:
    """Lets uv choose the newest versions for all platforms and every Python from the given one on.

    Args:
        wanted: the requirements.
        constraints: bounds of packages that may be among what they lead to, a line each.
        python: the oldest Python.
        options: further ones of `uv pip compile`.

    Raises:
        UnsolvableError: there are no such versions.
        UnreachableError: the index could not be asked.
    """
    command = ["pip", "compile", "--quiet", "--universal", "--python-version", python, *options]
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "constraints.txt").write_text(constraints, encoding="utf-8")
        Path(directory, "requirements.in").write_text("\n".join(wanted), encoding="utf-8")
        command += ["--constraints", "constraints.txt", "requirements.in"]
        return uv(*command, cwd=Path(directory))


@cache
def releases(name: str) -> list[str]:
    """Gives the releases of a package that can be installed here, pre-releases too, oldest first.

    Raises:
        UnreachableError: the index could not be asked.
    """
    command = [sys.executable, "-m", "pip", "index", "versions", "--pre", name]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"^Available versions: (.+)", run.stdout, re.MULTILINE)
    if not found:
        raise UnreachableError(f"pip finds no releases of {name}: {' '.join(run.stderr.split())}")
    return sorted(found[1].split(", "), key=Version)
