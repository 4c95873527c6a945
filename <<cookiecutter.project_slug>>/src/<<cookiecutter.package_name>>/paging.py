"""Cursor paging: a page, and the cursor that tells where the next one starts."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

import orjson

from .errors import NotFoundError

Item = TypeVar("Item")
SortValue = str | int | datetime

_INT32 = range(-(2**31), 2**31)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list. `next_cursor` asks for the part after it and is None on the last page."""

    items: list[Item]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Sort:
    """The field that a list is sorted by; equal values are sorted by id."""

    field: str
    type: type[SortValue]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """The place of one item in a sorted list."""

    value: SortValue
    id: UUID


def encode_cursor(sort: Sort, position: Position) -> str:
    """Returns the opaque text by which a client asks for what follows `position`."""
    content = orjson.dumps([sort.field, sort.descending, position.value, position.id])
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode_cursor(sort: Sort, cursor: str) -> Position:
    """Returns the position that `encode_cursor` wrote.

    Raises:
        NotFoundError: the text is no cursor, or one of a list with another sort order.
    """
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        field, descending, value, identifier = orjson.loads(content)
        if (field, descending) != (sort.field, sort.descending):
            raise NotFoundError("The cursor belongs to a list with another sort order.")
        return Position(_sort_value(sort.type, value), UUID(identifier))
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise NotFoundError("The cursor is not one that this list has returned.") from error


def _sort_value(expected: type[SortValue], value: object) -> SortValue:
    """Accepts only what any storage can compare with: a client may send any text as a cursor."""
    if expected is datetime and isinstance(value, str):
        time = datetime.fromisoformat(value)
        if time.tzinfo:
            return time.astimezone(UTC)
    if expected is int and type(value) is int and value in _INT32:
        return value
    if expected is str and isinstance(value, str) and "\0" not in value:
        return value
    raise ValueError(f"not a sort value: {value!r}")
