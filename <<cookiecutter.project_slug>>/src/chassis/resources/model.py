"""The fields that every resource has, and what only the service sets."""

from collections.abc import Collection
from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, TypedDict
from uuid import UUID, uuid4

from .errors import StaleVersionError

Version = int | Collection[int] | None
"""The version that a change is based on, or several of which one has to be stored; None stands for any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """The base of a model. It is immutable: a change makes a new object with the same id."""

    SERVICE_FIELDS: ClassVar[frozenset[str]] = frozenset(
        {"id", "version", "created_at", "updated_at"}
    )
    """The fields that only the service sets: no body of a request has them."""

    id: UUID
    version: int
    """Counts the changes, from 1 on."""
    created_at: datetime
    updated_at: datetime

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Returns what a client's fields are that a request leaves out."""
        defaults = {}
        for field in fields(cls):
            if field.name in cls.SERVICE_FIELDS:
                continue
            if field.default is not MISSING:
                defaults[field.name] = field.default
            elif field.default_factory is not MISSING:
                defaults[field.name] = field.default_factory()
        return defaults


def check_version(resource: Resource, expected: Version) -> None:
    """Checks that a resource has a version that a change is based on.

    Raises:
        StaleVersionError: it has another one.
    """
    if expected is None:
        return
    versions = (expected,) if isinstance(expected, int) else expected
    if resource.version not in versions:
        raise StaleVersionError(
            f"The version is {resource.version} now: get it, and repeat the change if it is still right."
        )


class Identity(TypedDict):
    """What a resource gets when it is created."""

    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


def identity() -> Identity:
    """Returns a new id, the first version and the present time."""
    now = datetime.now(UTC)
    return {"id": uuid4(), "version": 1, "created_at": now, "updated_at": now}
