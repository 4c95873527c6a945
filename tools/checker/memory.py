"""Remembers what was clean: many services have equal files, and tools take their time."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path


def unless_clean(
    memory: Path, key: Iterable[object], find: Callable[[], Iterable[str]]
) -> Iterator[str]:
    """Finds faults, unless there were none before.

    Args:
        memory: a directory that processes side by side may share.
        key: all that decides on whether there are any, and what looks for them.
        find: looks for them.
    """
    clean = memory / digest(*key)
    if clean.exists():
        return
    found = list(find())
    yield from found
    if not found:
        memory.mkdir(parents=True, exist_ok=True)
        clean.touch()


def digest(*content: object) -> str:
    """Tells one content from another."""
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]
