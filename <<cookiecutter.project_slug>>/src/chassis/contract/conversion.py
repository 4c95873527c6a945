"""What handlers get: values of the types that the contract's formats name.

| type, format | Python |
|---|---|
| string, date | `datetime.date` |
| string, date-time | `datetime.datetime` in UTC |
| string, uuid | `uuid.UUID` |
| string or number, decimal | `decimal.Decimal`, with the digits that were written |
| number | `float` |
| integer | `int` of any size |
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from .schemas import compile_schema, merged, read_date_time

Reader = Callable[[Any], Any]
"""Turns a valid value into what a handler gets."""

_TEXTS: dict[str, Reader] = {
    "date": date.fromisoformat,
    "date-time": read_date_time,
    "uuid": UUID,
    "decimal": Decimal,
}


def reader(schema: dict[str, Any]) -> Reader | None:
    """Returns what reads valid values of a schema; None if they stay as they are."""
    schema = merged(schema)
    read: Reader | None = None
    match schema.get("type"):
        case "string":
            read = _TEXTS.get(schema.get("format", ""))
        case "number":
            read = _to_decimal if schema.get("format") == "decimal" else _to_float
        case "array":
            read = _array_reader(schema.get("items", {}))
        case _:
            for keyword in ("oneOf", "anyOf"):
                if keyword in schema:
                    read = _choice_reader(schema[keyword])
            read = read or _object_reader(schema)
    return read and _unless_null(read)


def needs_exact_numbers(schema: dict[str, Any]) -> bool:
    """Whether numbers of a schema may be more than a float, or an integer of 64 bits, can keep."""
    match schema:
        case {"type": "number", "format": "decimal"}:
            return True
        case {"type": "integer", "format": "int32" | "int64"}:
            return False
        case {"type": "integer"}:
            return not {"minimum", "maximum"} <= schema.keys()
    inner = [*schema.get("properties", {}).values()]
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            inner.append(schema[keyword])
    for keyword in ("allOf", "oneOf", "anyOf"):
        inner.extend(schema.get(keyword, []))
    return any(map(needs_exact_numbers, inner))


def exact_loads(content: bytes) -> Any:
    """Reads JSON with its numbers as they are written: `int` of any size, and `Decimal`.

    Raises:
        ValueError: it is not valid JSON, or has a number with thousands of digits.
    """
    # It refuses what Python's own would take: NaN, lone surrogates, a thousand levels.
    orjson.loads(content)
    return json.loads(content, parse_float=Decimal)


def _unless_null(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _to_decimal(value: Any) -> Decimal:
    # The text of a float has the digits that were written, if they were not too many for it.
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _to_float(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _array_reader(items: dict[str, Any]) -> Reader | None:
    read = reader(items)
    return read and (lambda values: [read(value) for value in values])


def _object_reader(schema: dict[str, Any]) -> Reader | None:
    properties = schema.get("properties", {})
    read_each = {name: read for name, inner in properties.items() if (read := reader(inner))}
    others = schema.get("additionalProperties")
    read_others = reader(others) if isinstance(others, dict) else None
    if not read_each and not read_others:
        return None

    def read_object(values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        result = dict(values)
        for name, value in values.items():
            if name in read_each:
                result[name] = read_each[name](value)
            elif read_others and name not in properties:
                result[name] = read_others(value)
        return result

    return read_object


def _choice_reader(schemas: list[dict[str, Any]]) -> Reader | None:
    choices = [(compile_schema(schema), reader(schema)) for schema in schemas]
    if not any(read for _, read in choices):
        return None

    def read_choice(value: Any) -> Any:
        for validator, read in choices:
            if validator.is_valid(value):
                return read(value) if read else value
        return value

    return read_choice
