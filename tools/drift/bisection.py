"""Finds by halves what makes something fail, where an answer may also be that it cannot be known."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")
# Whether it fails; None if it cannot be known.
Fails = Callable[[Sequence[T]], bool | None]


def culprits(items: Sequence[T], fails: Fails[T]) -> list[list[T]]:
    """Finds the smallest sets that fail, each with nothing of the others.

    Args:
        items: they fail all together, and without them nothing fails.
        fails: asked about a part of them, in their order.
    """
    found = []
    rest = list(items)
    while rest and fails(rest):
        guilty = smallest(rest, fails)
        found.append(guilty)
        rest = [item for item in rest if item not in guilty]
    return found


def smallest(items: Sequence[T], fails: Fails[T]) -> list[T]:
    """Finds a set that fails and of which no single item can be left out (delta debugging)."""
    items = list(items)
    parts = 2
    while len(items) > 1:
        pieces = split(items, parts)
        rests = [[item for item in items if item not in piece] for piece in pieces]
        if failing := next((piece for piece in pieces if fails(piece)), None):
            items, parts = failing, 2
        elif parts > 2 and (failing := next((rest for rest in rests if fails(rest)), None)):
            items, parts = failing, parts - 1
        elif parts < len(items):
            parts = min(2 * parts, len(items))
        else:
            break
    return items


def split(items: list[T], parts: int) -> list[list[T]]:
    """Divides a list into parts that are as long as each other, or longer by an item."""
    ends = [len(items) * number // parts for number in range(parts + 1)]
    return [items[start:end] for start, end in pairwise(ends)]


def first(items: Sequence[T], fails: Callable[[T], bool | None]) -> T:
    """Finds the first item that fails; those of which it cannot be known are passed over.

    Args:
        items: the last of them fails, and after the first that fails all do.
        fails: asked about an item.
    """
    items = list(items)
    while len(items) > 1:
        middle = (len(items) - 1) // 2
        match fails(items[middle]):
            case True:
                items = items[: middle + 1]
            case False:
                items = items[middle + 1 :]
            case None:
                del items[middle]
    return items[0]
