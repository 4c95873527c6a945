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
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from .compiler import Around, Compiler, Function, without_choice
from .formats import MOST_DIGITS, fits_64_bits, read_date_time
from .schemas import Schemas

_TEXTS: dict[str, Function] = {
    "date": date.fromisoformat,
    "date-time": read_date_time,
    "uuid": UUID,
    "decimal": Decimal,
}


def reader(schema: Mapping[str, Any], document: Mapping[str, Any] | None = None) -> Function | None:
    """Returns what reads valid values of a schema; None if they stay as they are.

    Args:
        schema: one of the document.
        document: has what the schema refers to.
    """
    return Reader(Schemas(document or {})).compile(schema)


class Reader(Compiler):
    """Makes functions that turn a valid value into what a handler gets."""

    def __init__(self, schemas: Schemas, *, exact: bool = False) -> None:
        """Makes none yet.

        Args:
            schemas: those of the document.
            exact: whether `exact_loads` has read the values.
        """
        super().__init__(schemas)
        self._exact = exact

    def concerns(self, schema: dict[str, Any]) -> bool:
        return self._exact or schema.get("format") in ("date", "date-time", "uuid", "decimal")

    def make(self, schema: dict[str, Any], around: Around) -> Function | None:
        read: Function | None = None
        match schema:
            case {"type": "string"}:
                read = _TEXTS.get(schema.get("format", ""))
            case {"type": "number", "format": "decimal"}:
                read = _to_decimal
            case {"type": "number"}:
                read = _rounded if self._exact else None
            case {"type": "integer" | "boolean"}:
                pass
            case {"type": "array"}:
                read = self._of_array(schema.get("items", {}))
            case {"oneOf": _} | {"anyOf": _}:
                read = self._of_choice(schema, around)
            case _:
                read = self._of_object(schema)
        return read and _unless_null(read)

    def _of_array(self, items: Mapping[str, Any]) -> Function | None:
        read = self.compile(items)
        return read and (lambda values: [read(value) for value in values])

    def _of_object(self, schema: dict[str, Any]) -> Function | None:
        exact = self._exact
        properties = schema.get("properties", {})
        read_each = {
            name: read for name, inner in properties.items() if (read := self.compile(inner))
        }
        others = schema.get("additionalProperties", True)
        read_others: Function | None = None
        if isinstance(others, Mapping):
            read_others = self.compile(others)
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

    def _of_choice(self, schema: dict[str, Any], around: Around) -> Function | None:
        found = self.choices(schema, around)
        if not found:
            return self.make(without_choice(schema), around)
        choices = [(self.schemas.compile(choice), read) for choice, read in found]
        if not any(read for _, read in choices):
            return None

        def read_choice(value: Any) -> Any:
            for validator, read in choices:
                if validator.is_valid(value):
                    return read(value) if read else value
            return value

        return read_choice


def needs_exact_numbers(schema: Mapping[str, Any], schemas: Schemas) -> bool:
    """Whether numbers of a schema may be more than a float, or an integer of 64 bits, can keep.

    Args:
        schema: one of the document.
        schemas: those of the document.
    """
    return schemas.any(schema, _is_exact)


def _is_exact(schema: dict[str, Any]) -> bool:
    match schema:
        case {"type": "number", "format": "decimal"}:
            return True
        case {"type": "integer"}:
            return not fits_64_bits(schema)
    return False


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


def _unless_null(read: Function) -> Function:
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
