"""Cursor paging: a client asks for a list, and gets a page with the cursor of the next page."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import orjson

from .errors import NotFoundError
from .model import Resource

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Query:
    """What a client asks of a list."""

    sort: str
    """The name of a field; a minus before it sorts from high to low."""
    limit: int
    """How many items a page has at most."""
    cursor: str | None = None
    """The `next_cursor` of the page before."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """The values that fields have to have; None stands for any value."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list."""

    items: list[Item]
    next_cursor: str | None
    """Asks for the part after this one; None on the last page."""


@dataclass(frozen=True, slots=True)
class Sort:
    """The field that a list is sorted by; items with equal values are sorted by id."""

    field: str
    kind: type
    """The type of the field's values."""
    descending: bool = False


def parse_sort(text: str, model: type[Resource]) -> Sort:
    """Returns the order that a client asks for.

    Args:
        text: the name of a field, with a minus before it for the order from high to low.
        model: has the field.

    Raises:
        ValueError: the model has no such field, or its values have no order.
    """
    name = text.removeprefix("-")
    kind = get_type_hints(model).get(name)
    if get_origin(kind) is Literal:
        kind = type(get_args(kind)[0])
    if kind is None or kind not in _READERS:
        raise ValueError(f"{model.__name__} cannot be sorted by {name!r}")
    return Sort(name, kind, descending=text.startswith("-"))


@dataclass(frozen=True, slots=True)
class Position:
    """The place of an item in a sorted list."""

    value: Any
    id: UUID


def encode_cursor(sort: Sort, position: Position) -> str:
    """Returns the opaque text by which a client asks for what follows `position`."""
    # Integers may be larger than those of orjson.
    value = str(position.value) if sort.kind is int else position.value
    content = orjson.dumps([sort.field, sort.descending, value, position.id], default=str)
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decode_cursor(sort: Sort, cursor: str) -> Position:
    """Returns the position that `encode_cursor` wrote.

    Raises:
        NotFoundError: the text is no cursor, or one of a list with another sort order.
    """
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        name, descending, value, identifier = orjson.loads(content)
        if (name, descending) != (sort.field, sort.descending):
            raise NotFoundError("The cursor belongs to a list with another sort order.")
        return Position(_READERS[sort.kind](value), UUID(identifier))
    except (binascii.Error, ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise NotFoundError("The cursor is not one that this list has returned.") from error


# A client may send any text as a cursor: only what every storage can compare with is accepted.


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    return value


def _whole(value: Any) -> int:
    return int(_text(value))


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("not a number")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("not a boolean")
    return value


def _decimal(value: Any) -> Decimal:
    number = Decimal(_text(value))
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _time(value: Any) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError("without a time zone")
    return time.astimezone(UTC)


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _flag,
    Decimal: _decimal,
    date: lambda value: date.fromisoformat(value),
    datetime: _time,
    UUID: lambda value: UUID(value),
}
"""How the value of a field is read from a cursor, by the type of the field."""
