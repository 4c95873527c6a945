"""Formats: each file can be read by what reads it, and ends as text files do."""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import yaml

from .. import documents
from ..conditions import NEVER, Condition
from .family import Family
from .file import Fault
from .segments import Segment

READERS = {
    ".toml": tomllib.loads,
    ".yaml": documents.load,
    ".yml": documents.load,
    ".json": json.loads,
}
# Helm makes YAML of them.
TEMPLATES = "deploy/chart/templates/"


def faults(family: Family) -> Iterator[Fault]:
    """Finds files that cannot be parsed, trailing white space and wrong ends of files."""
    for path, file in family.files.items():
        read = READERS.get(PurePosixPath(path).suffix)
        if read and not path.startswith(TEMPLATES):
            for text, condition in file.texts.items():
                try:
                    read(text)
                except (ValueError, yaml.YAMLError) as error:
                    yield Fault(
                        f"{path}: cannot be parsed: {' '.join(str(error).split())}", condition
                    )
        if wrong := edge(file.segments, file.condition, lambda text: text.startswith("\n")):
            yield Fault(f"{path}: has an empty line at its start", wrong)
        ends = file.segments[::-1]
        if wrong := edge(ends, file.condition, lambda text: f"\n{text}".endswith("\n\n")):
            yield Fault(f"{path}: has an empty line at its end", wrong)
        if wrong := edge(ends, file.condition, lambda text: not text.endswith("\n")):
            yield Fault(f"{path}: does not end with a new line", wrong)
    for line, _ in family.search(r"[ \t\r]+$"):
        yield line.fault("ends in white space")


def edge(
    segments: list[Segment], condition: Condition, is_wrong: Callable[[str], bool]
) -> Condition:
    """Where the first text that is not empty is wrong."""
    wrong = NEVER
    for segment in segments:
        for text, where in segment.items():
            if text and is_wrong(text):
                wrong |= where & condition
            if text:
                condition &= ~where
    return wrong
