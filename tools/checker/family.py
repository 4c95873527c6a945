"""A family: services that differ by their answers, with what each has and when.

A generated service is a family of one, so that what is looked for stands once.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ..combinations import CHOICES
from ..conditions import NEVER, Condition, Space
from ..template import TEMPLATE, Answers, answer, fill_in, manifest_paths, selection, template_files
from .segments import Segment, segments

# Files of the template that hold no answers: cookiecutter copies them as they are.
COPIED = "src/chassis/"


class Fault(NamedTuple):
    """What is wrong, and for which combinations."""

    text: str
    condition: Condition


@dataclass(frozen=True)
class File:
    """A file of a family: where it is, and its parts, each with its texts and where those are."""

    path: str
    condition: Condition
    segments: list[Segment]

    @cached_property
    def lines(self) -> dict[str, Condition]:
        """Each line that the file can have, and where it has it."""
        found: dict[str, Condition] = {}
        for segment in self.segments:
            for text, condition in segment.items():
                for line in text.splitlines():
                    found[line] = found.get(line, NEVER) | condition
        return found

    @cached_property
    def texts(self) -> dict[str, Condition]:
        """Each text that the file can have, and where it has it."""
        parts: list[tuple[list[str], Condition]] = [([], self.condition)]
        for segment in self.segments:
            parts = [
                ([*texts, text], both)
                for texts, condition in parts
                for text, where in segment.items()
                if (both := condition & where)
            ]
        found: dict[str, Condition] = {}
        for texts, condition in parts:
            text = "".join(texts)
            found[text] = found.get(text, NEVER) | condition
        return found

    def since(self, marker: str) -> "File":
        """The file from a text in it on."""
        for number, segment in enumerate(self.segments):
            if any(marker in text for text in segment):
                first = {
                    text[text.index(marker) :] if marker in text else "": condition
                    for text, condition in segment.items()
                }
                return File(self.path, self.condition, [first, *self.segments[number + 1 :]])
        return File(self.path, self.condition, [])

    def text(self, combination: Condition) -> str:
        """The text that the file has for one combination."""
        return "".join(
            text
            for segment in self.segments
            for text, condition in segment.items()
            if condition & combination
        )


@dataclass(frozen=True)
class Line:
    """A line that a file can have."""

    file: File
    text: str
    condition: Condition

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.file.path

    def place(self, condition: Condition) -> str:
        """Where the line is, as path and number, in the first of some combinations."""
        lines = self.file.text(condition & -condition).splitlines()
        return f"{self.path}:{lines.index(self.text) + 1}"

    def fault(self, text: str, condition: Condition | None = None) -> Fault:
        """Something that is wrong with the line, wherever it is or for some combinations."""
        where = self.condition if condition is None else condition
        return Fault(f"{self.place(where)}: {text}", where)


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
        condition = NEVER
        for path, file in self.files.items():
            if path.startswith(f"{directory.rstrip('/')}/"):
                condition |= file.condition
        return condition

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
            for text, condition in file.lines.items():
                if not text.startswith("    --hash="):
                    for found in compiled.finditer(text):
                        yield Line(file, text, condition), found


def of_template(
    space: Space, environment: Path, names: Answers | None = None, template: Path = TEMPLATE
) -> Family:
    """The family of all services that the template can make.

    Args:
        space: the combinations of answers.
        environment: a virtual environment with the packages of every option.
        names: the answers that are free texts; the defaults if they are not given.
        template: the directory of the template's files.
    """
    given = names or {}
    complete = answer(**given)
    family = Family([], space, given, environment)
    owners = {
        fill_in(path, complete): feature
        for feature, paths in manifest_paths().items()
        for path in paths
    }
    for name in template_files(template):
        path = fill_in(name, complete)
        condition = family.selected[owners[path]] if path in owners else space.always
        source = (template / name).read_text(encoding="utf-8")
        family.files[path] = file_of(path, source, space, condition, tuple(given.items()))
    return family


@cache
def file_of(
    path: str, source: str, space: Space, condition: Condition, given: tuple[tuple[str, Any], ...]
) -> File:
    """Takes a file of the template apart."""
    if path.startswith(COPIED) and path.endswith(".py"):
        return File(path, condition, [{source: condition}])
    return File(path, condition, segments(source, space, condition, dict(given)))


@cache
def parse(text: str) -> ast.Module | None:
    """Parses a text of Python, if it is one."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def of_one(root: Path, given: Answers, environment: Path) -> Family:
    """A generated service as a family.

    Args:
        root: its directory.
        given: the answers that were given.
        environment: a virtual environment with the packages of every option.
    """
    answers = answer(**given)
    space = Space([{question: answers[question] for question in CHOICES}])
    files = [
        File(
            path.relative_to(root).as_posix(),
            space.always,
            [{path.read_text(encoding="utf-8"): space.always}],
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    ]
    return Family(files, space, given, environment)
