"""Remembers what was clean: many services have equal files, and tools take their time."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

from ..template import REPOSITORY

Found = TypeVar("Found")


def unless_clean(
    memory: Path, key: Iterable[object], find: Callable[[], Iterable[Found]]
) -> Iterator[Found]:
    """Finds faults, unless there were none before.

    Args:
        memory: a directory that processes side by side may share.
        key: all that decides on whether there are any, and what looks for them.
        find: looks for them.
    """
    clean = memory / state() / digest(*key)
    if clean.exists():
        return
    found = list(find())
    yield from found
    if not found:
        clean.parent.mkdir(parents=True, exist_ok=True)
        clean.touch()


@cache
def state() -> str:
    """Tells one state of what looks for faults from another."""
    sources = [*sorted((REPOSITORY / "tools").rglob("*.py")), REPOSITORY / "requirements.txt"]
    return digest(*(path.read_bytes() for path in sources))


def digest(*content: object) -> str:
    """Tells one content from another."""
    return hashlib.sha256(repr(content).encode()).hexdigest()[:32]
