"""Which keys of a document are keywords, and which are names that somebody has given, or data."""

from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]
"""The keys and indexes that lead to a part of a document."""

KINDS = {
    "properties": "schemas",
    "schemas": "schemas",
    "requestBodies": "requestBodies",
    **{kind: kind for kind in ("parameters", "responses", "headers", "examples")},
    **{kind: kind for kind in ("links", "callbacks", "securitySchemes")},
}
"""Under these keywords stand names; what they name is a component of this kind."""

_DATA = {"example", "default", "enum", "value"}


def is_data(keyword: str) -> bool:
    """Whether what stands under a keyword is data, in which nothing is a keyword."""
    return keyword in _DATA or keyword.startswith("x-")


def holds_names(keyword: str, value: Any) -> bool:
    """Whether the keys of what stands under a keyword are names."""
    return keyword in KINDS and isinstance(value, dict)


def keywords(node: Any, place: Place = (), *, names: bool = False) -> Iterator[tuple[Place, Any]]:
    """Yields each keyword of a document with its place and its value.

    Args:
        node: the document, or a part of it.
        place: the part's.
        names: whether the keys of the part are names.
    """
    if isinstance(node, list):
        for index, element in enumerate(node):
            yield from keywords(element, (*place, index))
    elif isinstance(node, dict):
        for key, value in node.items():
            inside = (*place, key)
            if names:
                yield from keywords(value, inside)
            else:
                yield inside, value
                if not is_data(key):
                    yield from keywords(value, inside, names=holds_names(key, value))
