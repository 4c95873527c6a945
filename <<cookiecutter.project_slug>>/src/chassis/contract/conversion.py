"""What handlers get: values of the types that the contract's formats name.

| type, format | Python |
|---|---|
| string, date | `datetime.date` |
| string, date-time | `datetime.datetime` in UTC |
| string, uuid | `uuid.UUID` |
| string or number, decimal | `decimal.Decimal`, with the digits that were written |
| number | `float` |
| integer | `int` of any size |

What no schema describes is as JSON has it, with its numbers as `int` and `float`.
"""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from .schemas import MOST_DIGITS, compile_schema, fits_64_bits, merged, read_date_time

Reader = Callable[[Any], Any]
"""Turns a valid value into what a handler gets."""

_TEXTS: dict[str, Reader] = {
    "date": date.fromisoformat,
    "date-time": read_date_time,
    "uuid": UUID,
    "decimal": Decimal,
}


def reader(schema: dict[str, Any], *, exact: bool = False) -> Reader | None:
    """Returns what reads valid values of a schema; None if they stay as they are.

    Args:
        schema: its references resolved.
        exact: whether `exact_loads` has read the values.
    """
    schema = merged(schema)
    read: Reader | None = None
    match schema:
        case {"type": "string"}:
            read = _TEXTS.get(schema.get("format", ""))
        case {"type": "number", "format": "decimal"}:
            read = _to_decimal
        case {"type": "number"}:
            read = _rounded if exact else None
        case {"type": "integer" | "boolean"}:
            pass
        case {"type": "array"}:
            read = _array_reader(schema.get("items", {}), exact)
        case {"oneOf": schemas} | {"anyOf": schemas}:
            read = _choice_reader(schema, schemas, exact)
        case _:
            read = _object_reader(schema, exact)
    return read and _unless_null(read)


def needs_exact_numbers(schema: dict[str, Any]) -> bool:
    """Whether numbers of a schema may be more than a float, or an integer of 64 bits, can keep."""
    match schema:
        case {"type": "number", "format": "decimal"}:
            return True
        case {"type": "integer"}:
            return not fits_64_bits(schema)
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
        ValueError: it is not valid JSON, is nested too deeply, or has a number with hundreds of digits.
    """
    # It refuses what Python's own would take: NaN, lone surrogates, a thousand levels.
    orjson.loads(content)
    try:
        return json.loads(content, parse_float=_bounded_decimal)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _bounded_decimal(text: str) -> Decimal:
    number = Decimal(text)
    # A few letters may stand for a gigabyte of digits: 1e-999999999.
    if len(text) > 2 * MOST_DIGITS or abs(number.adjusted()) > MOST_DIGITS:
        raise ValueError(f"{text[:20]}... has too many digits")
    return number


def _unless_null(read: Reader) -> Reader:
    return lambda value: None if value is None else read(value)


def _to_decimal(value: Any) -> Decimal:
    # The text of a float has the digits that were written, if they were not too many for it.
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Any) -> Any:
    """Makes of what was read exactly what orjson would have read."""
    match value:
        case Decimal():
            return float(value)
        case int() if not -(2**63) <= value < 2**64:
            return float(value)
        case list():
            return [_rounded(element) for element in value]
        case dict():
            return {name: _rounded(inner) for name, inner in value.items()}
    return value


def _array_reader(items: dict[str, Any], exact: bool) -> Reader | None:
    read = reader(items, exact=exact)
    return read and (lambda values: [read(value) for value in values])


def _object_reader(schema: dict[str, Any], exact: bool) -> Reader | None:
    properties = schema.get("properties", {})
    read_each = {
        name: read for name, inner in properties.items() if (read := reader(inner, exact=exact))
    }
    others = schema.get("additionalProperties", True)
    read_others: Reader | None = None
    if isinstance(others, dict):
        read_others = reader(others, exact=exact)
    elif others and exact:
        read_others = _rounded
    if not read_each and not read_others:
        return None

    def read_object(values: Any) -> Any:
        if not isinstance(values, dict):
            # A schema without a type allows any.
            return _rounded(values) if exact else values
        result = dict(values)
        for name, value in values.items():
            if name in read_each:
                result[name] = read_each[name](value)
            elif read_others and name not in properties:
                result[name] = read_others(value)
        return result

    return read_object


def _choice_reader(
    schema: dict[str, Any], schemas: list[dict[str, Any]], exact: bool
) -> Reader | None:
    common = {key: value for key, value in schema.items() if value is not schemas}
    choices = [
        (compile_schema(choice), reader({"allOf": [choice, common]}, exact=exact))
        for choice in schemas
    ]
    if not any(read for _, read in choices):
        return None

    def read_choice(value: Any) -> Any:
        for validator, read in choices:
            if validator.is_valid(value):
                return read(value) if read else value
        return value

    return read_choice
