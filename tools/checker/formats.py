"""Formats: each file can be read by what reads it, and ends as text files do."""

import json
import tomllib
from collections.abc import Iterator

import yaml

from .. import documents
from .service import Service

READERS = {
    ".toml": tomllib.loads,
    ".yaml": documents.load,
    ".yml": documents.load,
    ".json": json.loads,
}
# Helm makes YAML of them.
TEMPLATES = "deploy/chart/templates/"


def faults(service: Service) -> Iterator[str]:
    """Finds files that cannot be parsed, trailing white space and wrong ends of files."""
    for path, text in service.texts.items():
        for suffix, read in READERS.items():
            if path.endswith(suffix) and not path.startswith(TEMPLATES):
                try:
                    read(text)
                except (ValueError, yaml.YAMLError) as error:
                    yield f"{path}: cannot be parsed: {' '.join(str(error).split())}"
        if text and not text.endswith("\n"):
            yield f"{path}: does not end with a new line"
        if text.endswith("\n\n") or text.startswith("\n"):
            yield f"{path}: has an empty line at its start or end"
    for _, place, _ in service.search(r"[ \t\r]+$"):
        yield f"{place}: ends in white space"
