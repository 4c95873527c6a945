"""Cursors: what is written is read again, and nothing else is accepted."""

import base64
from datetime import UTC, datetime
from uuid import uuid4

import orjson
import pytest

from << cookiecutter.package_name >>.errors import NotFoundError
from << cookiecutter.package_name >>.paging import (
    Position,
    Sort,
    decode_cursor,
    encode_cursor,
)

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
        (BY_TIME, datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)),
    ],
)
def test_a_cursor_is_read_as_it_was_written(sort: Sort, value: str | int | datetime) -> None:
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


@pytest.mark.parametrize("value", ["1", 1.5, True, None, 2**31])
def test_a_number_out_of_bounds_is_refused(value: object) -> None:
    with pytest.raises(NotFoundError):
        decode_cursor(BY_PRIORITY, cursor_of("priority", False, value, str(uuid4())))


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
