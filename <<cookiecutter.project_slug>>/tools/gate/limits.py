"""The limits of values: which keyword sets which, and how a change of it is called."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from .nodes import Node

Bound = tuple[float, bool]
"""A number, and whether it is excluded."""


class Limit(NamedTuple):
    """A keyword that limits a value."""

    keyword: str
    name: str
    """In the ids of rules."""
    is_upper: bool
    without: float
    """What holds without the keyword."""
    has_set: bool = False
    """Whether there is an id of its own for a request that gets the limit."""
    has_unset: bool = False
    """The same for a response that loses it."""
    excluding: str = ""
    """The keyword that excludes the limit itself."""


LIMITS = [
    Limit("maxLength", "max-length", True, math.inf, has_set=True, has_unset=True),
    Limit("minLength", "min-length", False, 0),
    Limit("maximum", "max", True, math.inf, has_set=True, excluding="exclusiveMaximum"),
    Limit("minimum", "min", False, -math.inf, has_set=True, excluding="exclusiveMinimum"),
    Limit("maxItems", "max-items", True, math.inf),
    Limit("minItems", "min-items", False, 0, has_set=True, has_unset=True),
]


class Difference(NamedTuple):
    """A limit that differs."""

    suffix: str
    """Of the rule's id."""
    sentence: str
    is_narrower: bool


def differences(old: Node, new: Node, *, of_request: bool) -> Iterator[Difference]:
    """Yields the limits that differ.

    Args:
        old: the released schema.
        new: the one of today.
        of_request: whether clients send the value; otherwise they get it.
    """
    for limit in LIMITS:
        before, after = _bound(limit, old), _bound(limit, new)
        if before != after:
            is_increase = _rank(limit, after) > _rank(limit, before)
            verb = "increased" if is_increase else "decreased"
            if of_request and limit.has_set and before[0] == limit.without:
                verb = "set"
            if not of_request and limit.has_unset and after[0] == limit.without:
                verb = "unset"
            sentence = f"{limit.keyword} is {_shown(after)}, it was {_shown(before)}"
            yield Difference(f"{limit.name}-{verb}", sentence, is_increase != limit.is_upper)


def _bound(limit: Limit, node: Node) -> Bound:
    bounds = [
        (part[limit.keyword], bool(part.get(limit.excluding)))
        for part in node.parts
        if limit.keyword in part
    ]
    strictest = min if limit.is_upper else max
    return strictest(bounds, key=lambda one: _rank(limit, one), default=(limit.without, False))


def _rank(limit: Limit, bound: Bound) -> tuple[float, int]:
    value, is_excluded = bound
    return value, int(is_excluded) * (-1 if limit.is_upper else 1)


def _shown(bound: Bound) -> str:
    value, is_excluded = bound
    if math.isinf(value):
        return "unlimited"
    return f"{value} (excluded)" if is_excluded else str(value)
