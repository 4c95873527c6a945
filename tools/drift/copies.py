"""A copy of the repository, in which locks and environments may be changed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

from .. import environment, versions
from ..checker.dependencies import distributions
from ..index import UNREACHABLE, UnreachableError, UnsolvableError
from ..lock import DEVELOPMENT
from ..template import REPOSITORY, TEMPLATE
from .mixes import Locks, Mix

UNWANTED = (".git", ".venv", ".matrix", ".hypothesis", ".*_cache", "__pycache__")


class Copy:
    """A copy of the repository."""

    def __init__(self, directory: Path):
        """Copies it.

        Args:
            directory: an empty one, for the copy and what is made of it.
        """
        self.directory = directory
        self.root = directory / "repository"
        shutil.copytree(
            REPOSITORY, self.root, symlinks=True, ignore=shutil.ignore_patterns(*UNWANTED)
        )

    @property
    def template(self) -> Path:
        """The template in it."""
        return self.root / TEMPLATE.name

    @property
    def python(self) -> Path:
        """The Python that has the tools of the lock."""
        return self.root / ".venv" / "bin" / "python"

    @property
    def packages(self) -> Path:
        """The environment that has the packages of every option."""
        return self.directory / "packages" / "environment"

    def locks(self) -> Locks:
        """Reads the versions in the locks."""
        paths = (self.root / "requirements.txt", self.template / DEVELOPMENT)
        return Locks(*(versions.read(path.read_text(encoding="utf-8")) for path in paths))

    def renew(self, mix: Mix | None = None) -> list[str]:
        """Locks the newest versions, or those of a mix; returns what `make lock` prints.

        Raises:
            UnsolvableError: the versions do not go together.
            UnreachableError: the index could not be asked.
        """
        options = []
        for owner, text in zip(Mix._fields, mix or (), strict=False):
            path = self.directory / f"{owner}.txt"
            path.write_text(text, encoding="utf-8")
            options += [f"--{owner}-constraints", str(path)]
        return self.run(sys.executable, "-m", "tools.lock", *options).splitlines()

    def install(self) -> None:
        """Makes the environments of the tools and of every option, from the locks.

        Raises:
            UnsolvableError: a package cannot be installed.
            UnreachableError: the index could not be asked.
        """
        # Some tools fetch others by pip.
        venv = [sys.executable, "-m", "venv", "--clear", str(self.root / ".venv")]
        subprocess.run(venv, check=True)
        environment.fill(self.root / ".venv", self.root / "requirements.txt")
        shutil.rmtree(self.packages.parent, ignore_errors=True)
        environment.provide(self.packages.parent, self.template)

    def requires(self) -> dict[tuple[str, str], list[Requirement]]:
        """Reads what each installed package requires, by owner and name."""
        found = {}
        for owner, place in (("tools", self.root / ".venv"), ("services", self.packages)):
            if (place / "bin").exists():
                for name, package in distributions(place).items():
                    found[owner, name] = [Requirement(text) for text in package.requires or []]
        return found

    def run(self, *command: str | Path, given: str | None = None) -> str:
        """Runs a command in the copy and returns what it prints.

        Raises:
            UnsolvableError: it failed.
            UnreachableError: it could not ask the index.
        """
        # Its own modules are meant, not those of this process.
        outer = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
        result = subprocess.run(
            command, cwd=self.root, env=outer, input=given, capture_output=True, text=True
        )
        if result.returncode:
            kind = UnreachableError if result.returncode == UNREACHABLE else UnsolvableError
            raise kind((result.stderr.strip().splitlines() or ["it says nothing"])[-1])
        return result.stdout
