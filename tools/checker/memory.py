"""Remembers what was clean: many services have equal files, and tools take their time."""

from collections.abc import Callable, Hashable, Iterable, Iterator

_clean: set[Hashable] = set()


def unless_clean(key: Hashable, find: Callable[[], Iterable[str]]) -> Iterator[str]:
    """Finds faults, unless there were none before.

    Args:
        key: all that decides on whether there are any, and what looks for them.
        find: looks for them.
    """
    if key in _clean:
        return
    found = list(find())
    yield from found
    if not found:
        _clean.add(key)
