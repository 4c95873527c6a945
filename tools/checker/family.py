"""A family: services that differ by their answers, with what each has and when.

A generated service is a family of one, so that what is looked for stands once.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..conditions import NEVER, Condition, Space
from ..template import Answers, answer, selection
from .file import File, Line


class Module(NamedTuple):
    """One of the texts of a Python file, as it is parsed."""

    path: str
    text: str
    tree: ast.Module
    condition: Condition


class Family:
    """Services that differ by their answers."""

    def __init__(
        self, files: Iterable[File], space: Space, given: Answers, environment: Path
    ) -> None:
        """Takes its files.

        Args:
            files: those that any of the services can have.
            space: the combinations of answers.
            given: the answers that are free texts, where they are not the defaults.
            environment: a virtual environment with the packages of every option.
        """
        self.files = {file.path: file for file in files}
        self.space = space
        self.given = given
        self.names = answer(**given)
        self.environment = environment

    @property
    def memory(self) -> Path:
        """Where it is remembered what was clean, for other services with the same packages."""
        return self.environment / "clean"

    @property
    def package(self) -> str:
        """The path of the service's package."""
        return f"src/{self.names['package_name']}"

    @cached_property
    def modules(self) -> list[Module]:
        """The Python files; what cannot be parsed is left to the check of the style."""
        return [
            Module(path, text, tree, condition)
            for path, file in self.files.items()
            if path.endswith(".py")
            for text, condition in file.texts.items()
            if (tree := parse(text))
        ]

    @cached_property
    def selected(self) -> dict[str, Condition]:
        """Where each feature is selected."""
        found = {}
        for feature, (questions, is_selected) in selection().items():
            found[feature] = NEVER
            for answers, condition in self.space.assignments(questions, self.space.always):
                if is_selected(answers):
                    found[feature] |= condition
        return found

    @cached_property
    def parts(self) -> dict[str, Condition]:
        """Where there is a file or a directory of a name, wherever in the tree."""
        found: dict[str, Condition] = {}
        for path, file in self.files.items():
            for part in PurePosixPath(path).parts:
                found[part] = found.get(part, NEVER) | file.condition
        return found

    def since(self, path: str, marker: str) -> "Family":
        """The same services, but that a file begins at a text in it."""
        files = dict(self.files)
        if path in files:
            files[path] = files[path].since(marker)
        return Family(files.values(), self.space, self.given, self.environment)

    def where(self, path: str) -> Condition:
        """Where there is a file."""
        return self.files[path].condition if path in self.files else NEVER

    def within(self, directory: str) -> Condition:
        """Where there is a file in a directory, or below it."""
        return self._directories.get(directory.rstrip("/"), NEVER)

    @cached_property
    def _directories(self) -> dict[str, Condition]:
        found: dict[str, Condition] = {}
        for path, file in self.files.items():
            for parent in PurePosixPath(path).parents[:-1]:
                found[str(parent)] = found.get(str(parent), NEVER) | file.condition
        return found

    def lines(self, path: str) -> dict[str, Condition]:
        """The lines of a file, where there is one."""
        return self.files[path].lines if path in self.files else {}

    def texts(self, path: str) -> dict[str, Condition]:
        """The texts of a file, where there is one."""
        return self.files[path].texts if path in self.files else {}

    def search(self, pattern: str, flags: int = 0) -> Iterator[tuple[Line, re.Match[str]]]:
        """Finds a pattern in lines. The hashes of locked packages are no text."""
        compiled = re.compile(pattern, flags)
        for file in self.files.values():
            for found in matches(compiled, tuple(file.lines)):
                yield Line(file, found.string, file.lines[found.string]), found


@cache
def matches(pattern: re.Pattern[str], lines: tuple[str, ...]) -> list[re.Match[str]]:
    """Finds a pattern in lines, once for all services that have a file with these."""
    return [
        found
        for line in lines
        if not line.startswith("    --hash=")
        for found in pattern.finditer(line)
    ]


@cache
def parse(text: str) -> ast.Module | None:
    """Parses a text of Python, if it is one."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return None
