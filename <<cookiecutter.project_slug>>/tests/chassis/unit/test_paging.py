"""Cursors: what is written is read again, and nothing else is accepted."""

import base64
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson
import pytest

from chassis.resources import NotFoundError, Resource, parse_sort
from chassis.resources.paging import Position, Sort, decode_cursor, encode_cursor

BY_NAME = Sort("name", str)
BY_PRIORITY = Sort("priority", int)
BY_TIME = Sort("created_at", datetime)


def cursor_of(*content: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "value"),
    [
        (BY_NAME, "naïve ☃"),
        (BY_NAME, ""),
        (BY_PRIORITY, -1),
        (BY_PRIORITY, 10**40),
        (BY_TIME, datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)),
        (Sort("price", Decimal), Decimal("0.10")),
        (Sort("price", Decimal), Decimal("12345678901234567890.123456789")),
        (Sort("ratio", float), 0.1),
        (Sort("open", bool), True),
        (Sort("day", date), date(2026, 2, 3)),
        (Sort("owner", UUID), UUID(int=5)),
    ],
)
def test_a_cursor_is_read_as_it_was_written(sort: Sort, value: Any) -> None:
    position = Position(value, uuid4())
    assert decode_cursor(sort, encode_cursor(sort, position)) == position


def test_a_cursor_of_another_sort_order_is_refused() -> None:
    cursor = encode_cursor(BY_NAME, Position("x", uuid4()))
    with pytest.raises(NotFoundError, match="another sort order"):
        decode_cursor(Sort("name", str, descending=True), cursor)


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "%",
        "é",
        "bm90IGpzb24",
        cursor_of(),
        cursor_of("name", False, "x"),
        cursor_of("name", False, 1, str(uuid4())),
        cursor_of("name", False, "nul \0", str(uuid4())),
        cursor_of("name", False, "x", "no id"),
        cursor_of("name", False, "x", 5),
    ],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(NotFoundError):
        decode_cursor(BY_NAME, cursor)


@pytest.mark.parametrize("value", ["x", "1.5", 1.5, True, None])
def test_what_is_no_integer_is_refused(value: object) -> None:
    with pytest.raises(NotFoundError):
        decode_cursor(BY_PRIORITY, cursor_of("priority", False, value, str(uuid4())))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Decimal, 1.5),
        (Decimal, "NaN"),
        (Decimal, "1e"),
        (float, "1.5"),
        (bool, 1),
        (date, "2026-02-30"),
        (UUID, "5"),
        (str, None),
    ],
)
def test_a_value_of_another_type_is_refused(kind: type, value: object) -> None:
    with pytest.raises(NotFoundError):
        decode_cursor(Sort("field", kind), cursor_of("field", False, value, str(uuid4())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing(Resource):
    name: str
    note: str | None = None
    size: Literal["s", "m"] = "s"


def test_an_order_is_read() -> None:
    assert parse_sort("name", Thing) == Sort("name", str)
    assert parse_sort("-created_at", Thing) == Sort("created_at", datetime, descending=True)
    assert parse_sort("size", Thing) == Sort("size", str)


@pytest.mark.parametrize("text", ["color", "", "-", "--name", "note"])
def test_an_order_that_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Thing cannot be sorted by"):
        parse_sort(text, Thing)


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        5,
        "10000-01-01",
        "2026-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_a_time_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(NotFoundError):
        decode_cursor(BY_TIME, cursor_of("created_at", False, value, str(uuid4())))
