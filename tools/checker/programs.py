"""Programs: files that a tool has to see together, written as some combination of answers has them."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ..conditions import NEVER, Condition, covering, refined
from .family import Family
from .service import Service


class Reading(Enum):
    """What a tool reads of a file."""

    TEXT = "its text"
    NAME = "whether it is there"
    NOTHING = "nothing"


Reader = Callable[[str], Reading]


def reader(texts: tuple[str, ...], names: tuple[str, ...] = ()) -> Reader:
    """Makes a reader of the texts, and of the names, of files whose paths begin so."""

    def read(path: str) -> Reading:
        if path.startswith(texts):
            return Reading.TEXT
        return Reading.NAME if path.startswith(names) else Reading.NOTHING

    return read


@dataclass(frozen=True)
class Program:
    """What a tool looks at, for all services.

    Attributes:
        family: the services.
        read: what the tool reads of each file.
        parts: conditions; it is enough to look at one combination of each.
    """

    family: Family
    read: Reader
    parts: list[Condition]

    @property
    def combinations(self) -> list[Condition]:
        """Few combinations that stand for all."""
        return covering(self.parts)

    def write(self, combination: Condition, directory: Path) -> Service:
        """Writes what is read of a service, and nothing else; what is only named is empty.

        Args:
            combination: the only one that this condition holds for is written.
            directory: does not exist yet.
        """
        for path, file in self.family.files.items():
            reading = self.read(path)
            if file.condition & combination and reading is not Reading.NOTHING:
                (directory / path).parent.mkdir(parents=True, exist_ok=True)
                text = file.text(combination) if reading is Reading.TEXT else ""
                (directory / path).write_text(text, encoding="utf-8")
        given = {**self.family.given, **self.family.space.example(combination)}
        return Service(directory, given, self.family.environment)


def whole(family: Family, read: Reader, within: Condition) -> Program:
    """What is seen as one: each set of texts that there is.

    Args:
        family: the services.
        read: what the tool reads of each file.
        within: where there is anything to read.
    """
    parts = [within]
    for path, file in family.files.items():
        reading = read(path)
        if reading is not Reading.NOTHING:
            parts = refined(parts, [file.condition])
        if reading is Reading.TEXT:
            for segment in file.segments:
                parts = refined(parts, segment.values())
    return Program(family, read, parts)


def tool_settings(family: Family, tool: str, but: str = "") -> dict[str, Condition]:
    """The settings of a tool in pyproject.toml, as a text, and where it has these.

    Args:
        family: the services.
        tool: its name, from `[tool.ruff]` on.
        but: a setting that is left out.
    """
    found: dict[str, Condition] = {}
    for text, condition in (
        family.since("pyproject.toml", "[tool.ruff]").texts("pyproject.toml").items()
    ):
        try:
            settings = tomllib.loads(text)["tool"][tool]
        except (KeyError, tomllib.TOMLDecodeError):
            continue
        settings.pop(but, None)
        found[repr(settings)] = found.get(repr(settings), NEVER) | condition
    return found
