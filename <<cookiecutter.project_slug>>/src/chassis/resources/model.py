"""The fields that every resource has, and what only the service sets."""

from dataclasses import MISSING, dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar, TypedDict
from uuid import UUID, uuid4


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
