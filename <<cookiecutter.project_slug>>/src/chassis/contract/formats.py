"""The formats of the contract's values: which texts and numbers have them."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

MOST_DIGITS = 400
"""How many digits a decimal number may have before its point, and behind it."""

LARGEST_INTEGERS = {"int32": 2**31 - 1, "int64": 2**63 - 1}

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DECIMAL = re.compile(rf"-?\d{{1,{MOST_DIGITS}}}(\.\d{{1,{MOST_DIGITS}}})?", re.ASCII)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID with its hyphens (RFC 9562)."""
    return _UUID.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """Whether a text is a date that exists (RFC 3339, full-date)."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_date_time(text: str) -> bool:
    """Whether a text is a time with its zone that exists, in UTC too (RFC 3339, date-time)."""
    try:
        return _DATE_TIME.fullmatch(text) is not None and bool(read_date_time(text))
    except (ValueError, OverflowError):
        return False


def is_decimal(text: str) -> bool:
    """Whether a text is a decimal number without an exponent."""
    return _DECIMAL.fullmatch(text) is not None


def fits_64_bits(schema: Mapping[str, Any]) -> bool:
    """Whether a schema of integers allows only those that orjson reads and writes exactly."""
    if schema.get("format") in LARGEST_INTEGERS:
        return True
    least: float = schema.get("minimum", -math.inf)
    largest: float = schema.get("maximum", math.inf)
    return least >= -(2**63) and largest < 2**64


def read_date_time(text: str) -> datetime:
    """Returns the time of a text that has passed `is_date_time`, in UTC."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)
