"""The styles of parameters: how arrays and objects are written into URLs, headers and cookies (OpenAPI 3.0, "Style Values").

Each function returns what the texts of one parameter are: a text, a list or a dictionary. What is not written
in the style is left a text.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.datastructures import MultiDict

DELIMITERS = {"spaceDelimited": " ", "pipeDelimited": "|"}

_DEEP_KEY = re.compile(r"([^\[\]]*)((?:\[[^\[\]]*\]){1,20})")
_STEP = re.compile(r"\[([^\[\]]*)\]")


def separated(text: str, kind: str, delimiter: str = ",", *, pairs: bool = False) -> Any:
    """Returns the array or the object of a text with delimiters.

    Args:
        text: `1,2`, or of an object `width,1,height,2`.
        kind: "array", "object" or "single".
        delimiter: stands between two elements.
        pairs: whether an object is written `width=1,height=2`.
    """
    if kind == "single":
        return text
    elements = text.split(delimiter)
    if kind == "array":
        return elements
    if pairs:
        if not all("=" in element for element in elements):
            return text
        return dict(element.split("=", 1) for element in elements)
    if len(elements) % 2:
        return text
    return dict(zip(elements[::2], elements[1::2], strict=True))


def label(text: str, kind: str, *, explode: bool) -> Any:
    """Returns what stands behind the point: `.5`, `.3.4`, `.width=1.height=2`."""
    if not text.startswith("."):
        return text
    return separated(text[1:], kind, "." if explode else ",", pairs=explode)


def matrix(text: str, name: str, kind: str, *, explode: bool) -> Any:
    """Returns what stands behind the semicolon: `;id=5`, `;id=3,4`, `;id=3;id=4`, `;width=1;height=2`."""
    if not text.startswith(";"):
        return text
    if explode and kind == "object":
        return separated(text[1:], kind, ";", pairs=True)
    parts = text[1:].split(";")
    if not all(part.startswith(f"{name}=") for part in parts):
        return text
    values = [part.removeprefix(f"{name}=") for part in parts]
    if explode and kind == "array":
        return values
    return separated(values[0], kind) if len(values) == 1 else text


def is_part_of(key: str, name: str) -> bool:
    """Whether a key is a part of a deep object: `box[width]` is one of `box`."""
    found = _DEEP_KEY.fullmatch(key)
    return found is not None and found[1] == name


def deep_object(name: str, query: MultiDict[str, str]) -> dict[str, Any] | None:
    """Returns the object of `box[width]=1&box[size][x]=2&box[tags]=a&box[tags]=b`; None if there is no part of it."""
    result: dict[str, Any] = {}
    for key in query:
        if is_part_of(key, name):
            *steps, last = _STEP.findall(key)
            _put(result, steps, last, query.getlist(key))
    return result or None


def _put(target: dict[str, Any], steps: Iterable[str], last: str, texts: list[str]) -> None:
    path = [*steps, last]
    if path[-1] == "" and len(path) > 1:
        path.pop()  # box[tags][]=a
    for step in path[:-1]:
        inner = target.get(step)
        if not isinstance(inner, dict):
            inner = target[step] = {}
        target = inner
    target[path[-1]] = texts[0] if len(texts) == 1 and last else texts


def of_texts(
    text: Callable[[str], str | None], name: str, kind: str, style: str, *, explode: bool
) -> Any:
    """Returns what a path, a header or a cookie has of a parameter; None if it is missing.

    Args:
        text: gives the text of a name.
        name: the parameter's.
        kind: "array", "object" or "single".
        style: simple, label, matrix or form.
        explode: as the parameter says.
    """
    found = text(name)
    if found is None:
        return None
    match style:
        case "label":
            return label(found, kind, explode=explode)
        case "matrix":
            return matrix(found, name, kind, explode=explode)
    return separated(found, kind, pairs=explode and style == "simple")
