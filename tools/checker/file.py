"""Files of services: their lines and texts, with where they are, and what is wrong with them."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from ..conditions import NEVER, Condition
from .segments import Segment


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
