"""Where in a file something stands: a developer wants the line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from .keywords import Place, keywords

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def line_of(file: Path, place: Place) -> int | None:
    """Returns the line of a part of a document, or of the nearest part around it; None if that is the whole."""
    try:
        node = yaml.compose(file.read_text("utf-8"), _Loader)
    except (OSError, ValueError, yaml.YAMLError):
        return None
    line = None
    for step in place:
        found = _inside(node, step)
        if found is None:
            break
        mark, node = found
        line = mark.line + 1
    return line


def _inside(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def place_of(document: Any, keyword: str, wanted: Callable[[Any], bool]) -> Place:
    """Returns the place of the first keyword whose value is wanted; that of the document if there is none."""
    for place, value in keywords(document):
        if place[-1] == keyword and wanted(value):
            return place
    return ()


def place_of_reference(document: Any, reference: str) -> Place:
    """Returns the place of the first reference like this."""
    return place_of(document, "$ref", lambda value: value == reference)
