"""The schemas of the contract, compiled: each is checked by one validator, whichever way the data go.

OpenAPI 3.0 has JSON Schema Draft 4 with a few differences: `nullable`, properties that do not occur in requests
(`readOnly`) or in responses (`writeOnly`), and formats.
"""

import math
import re
from datetime import UTC, date, datetime
from typing import Any, Literal

import jsonschema_rs

Direction = Literal["request", "response"]

MOST_DIGITS = 400
"""How many digits a decimal number may have before its point, and behind it."""

_ABSENT: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_LARGEST_INTEGERS = {"int32": 2**31 - 1, "int64": 2**63 - 1}
_DECIMAL = re.compile(rf"-?\d{{1,{MOST_DIGITS}}}(\.\d{{1,{MOST_DIGITS}}})?", re.ASCII)


def compile_schema(
    schema: dict[str, Any], direction: Direction = "request"
) -> jsonschema_rs.Draft4Validator:
    """Compiles a schema, its references resolved, for one direction."""
    return jsonschema_rs.Draft4Validator(
        _to_json_schema(schema, _ABSENT[direction]),
        validate_formats=True,
        formats={
            "uuid": is_uuid,
            "date": is_date,
            "date-time": is_date_time,
            "decimal": is_decimal,
        },
        mask="value",
    )


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


def fits_64_bits(schema: dict[str, Any]) -> bool:
    """Whether a schema of integers allows only those that orjson reads and writes exactly."""
    if schema.get("format") in _LARGEST_INTEGERS:
        return True
    least: float = schema.get("minimum", -math.inf)
    largest: float = schema.get("maximum", math.inf)
    return least >= -(2**63) and largest < 2**64


def read_date_time(text: str) -> datetime:
    """Returns the time of a text that has passed `is_date_time`, in UTC."""
    return datetime.fromisoformat(text.upper()).astimezone(UTC)


def merged(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema whose properties are those of all parts of its `allOf`, too."""
    if "allOf" not in schema:
        return schema
    result = {key: value for key, value in schema.items() if key != "allOf"}
    for part in map(merged, schema["allOf"]):
        for key, value in part.items():
            if key == "properties":
                result[key] = {**value, **result.get(key, {})}
            elif key == "required":
                result[key] = [*result.get(key, []), *value]
            else:
                result.setdefault(key, value)
    return result


def _to_json_schema(schema: Any, absent: str) -> Any:
    if isinstance(schema, list):
        return [_to_json_schema(element, absent) for element in schema]
    if not isinstance(schema, dict):
        return schema
    converted: dict[str, Any] = {}
    for keyword, value in schema.items():
        match keyword:
            case "components" | "default" | "example":
                pass
            case "enum" | "required":
                converted[keyword] = value
            case "properties":
                converted[keyword] = {
                    name: {"not": {}} if inner.get(absent) else _to_json_schema(inner, absent)
                    for name, inner in value.items()
                }
            case _:
                converted[keyword] = _to_json_schema(value, absent)
    if isinstance(schema.get("required"), list):
        properties = schema.get("properties", {})
        names = [n for n in schema["required"] if not properties.get(n, {}).get(absent)]
        converted.pop("required")
        if names:
            converted["required"] = names
    if schema.get("type") == "integer" and schema.get("format") in _LARGEST_INTEGERS:
        largest = _LARGEST_INTEGERS[schema["format"]]
        converted["minimum"] = max(schema.get("minimum", -math.inf), -largest - 1)
        converted["maximum"] = min(schema.get("maximum", math.inf), largest)
    if schema.get("nullable") and "type" in schema:
        converted["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            converted["enum"] = [*schema["enum"], None]
    return converted
