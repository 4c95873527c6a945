"""What leaves: objects of the domain become what the response's schema names, and nothing else.

A schema is compiled to a function, once. Dictionaries, lists and plain values pass as they are; of a dictionary
what the contract does not allow (`additionalProperties: false`, `writeOnly`) stays behind, and a line of the log names it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from .schemas import merged

Writer = Callable[[Any], Any]
"""Turns what a handler returns into what JSON has."""

_PLAIN = (str, int, float, type(None), list, date, time, UUID, Decimal, Enum, bytes)

log = logging.getLogger(__name__)


def writer(
    schema: dict[str, Any], names: Mapping[str, dict[str, Any]] | None = None
) -> Writer | None:
    """Returns what writes values of a schema; None if `dump` writes all of them as they are.

    Args:
        schema: its references resolved.
        names: the contract's schemas by their names: of several schemas the one is taken that has the name
            of the object's class.
    """
    schema = merged(schema)
    names = names or {}
    match schema.get("type"):
        case "string":
            return _write_decimal_text if schema.get("format") == "decimal" else None
        case "number" | "integer" | "boolean":
            return None
        case "array":
            return _array_writer(schema.get("items", {}), names)
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            common = {key: value for key, value in schema.items() if key != keyword}
            return _choice_writer(schema[keyword], common, names)
    if schema.get("properties"):
        return _ObjectWriter(schema, names)
    if isinstance(schema.get("additionalProperties"), dict):
        return _map_writer(schema["additionalProperties"], names)
    return None


def _write_decimal_text(value: Any) -> Any:
    # What was stored as JSON comes back as a number.
    if isinstance(value, (Decimal, int)):
        return format(value, "f" if isinstance(value, Decimal) else "d")
    return value


def _array_writer(items: dict[str, Any], names: Mapping[str, dict[str, Any]]) -> Writer | None:
    write = writer(items, names)
    if write is None:
        return None
    return lambda values: None if values is None else [write(value) for value in values]


def _map_writer(values: dict[str, Any], names: Mapping[str, dict[str, Any]]) -> Writer | None:
    write = writer(values, names)
    if write is None:
        return None

    def write_map(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: write(inner) for key, inner in value.items()}

    return write_map


class _ObjectWriter:
    """Writes the properties of a schema."""

    def __init__(self, schema: dict[str, Any], names: Mapping[str, dict[str, Any]]) -> None:
        properties = {
            name: inner
            for name, inner in schema["properties"].items()
            if not inner.get("writeOnly")
        }
        self._names = tuple(properties)
        self._allowed = frozenset(properties)
        self._write_only = schema["properties"].keys() - self._allowed
        self._required = set(schema.get("required", ())) & properties.keys()
        self._write = [
            (name, write) for name, inner in properties.items() if (write := writer(inner, names))
        ]
        # Names that Python does not allow are found by the slow way.
        self._get = attrgetter(*self._names) if len(self._names) > 1 else None
        self._others = schema.get("additionalProperties", True)
        self._write_others = writer(self._others, names) if isinstance(self._others, dict) else None
        self._classes: set[type] = set()
        """The classes whose objects have had all properties so far: no more is asked of them."""
        self._told: set[str] = set()

    def __call__(self, value: Any) -> Any:
        result = None
        if type(value) in self._classes:
            result = self._all_properties(value)
        elif isinstance(value, dict):
            return self._from_dictionary(value)
        elif isinstance(value, _PLAIN):
            return value
        if result is None:
            result = self._from_object(value)
        for name, write in self._write:
            if result.get(name) is not None:
                result[name] = write(result[name])
        return result

    def _all_properties(self, value: Any) -> dict[str, Any] | None:
        if self._get:
            try:
                return dict(zip(self._names, self._get(value), strict=True))
            except AttributeError:
                pass  # a property that is not required may be missing
        return None

    def _from_object(self, value: Any) -> dict[str, Any]:
        if hasattr(value, "_asdict"):
            # A named tuple has methods, too: `count` and `index`.
            value = SimpleNamespace(**value._asdict())
        elif (result := self._all_properties(value)) is not None:
            self._classes.add(type(value))
            return result
        result = {name: getattr(value, name) for name in self._names if hasattr(value, name)}
        if missing := self._required - result.keys():
            kind = type(value).__name__
            raise TypeError(f"{kind} has no attribute for {', '.join(sorted(missing))}")
        return result

    def _from_dictionary(self, value: dict[str, Any]) -> dict[str, Any]:
        result = dict(value)
        closed = self._others is False
        for name in value.keys() - self._allowed if closed else value.keys() & self._write_only:
            del result[name]
            self._tell(str(name))
        if self._write_others:
            for name in result.keys() - self._allowed:
                result[name] = self._write_others(value[name])
        for name, write in self._write:
            if result.get(name) is not None:
                result[name] = write(result[name])
        return result

    def _tell(self, name: str) -> None:
        """Logs a name once."""
        if name not in self._told:
            self._told.add(name)
            log.warning("left out of a response: the contract does not allow %r there", name)


def _choice_writer(
    schemas: Iterable[dict[str, Any]],
    common: dict[str, Any],
    names: Mapping[str, dict[str, Any]],
) -> Writer:
    """Returns what writes an object by the schema that its discriminator or its class names.

    Args:
        schemas: those to choose from.
        common: what holds besides, whichever is chosen; writes objects that no schema's name fits.
        names: the contract's schemas by their names.
    """
    by_name: dict[str, Writer | None] = {}
    for schema in schemas:
        for name, known in names.items():
            if known == schema:
                by_name[name] = writer({"allOf": [schema, common]}, names)
    write_common = writer(common, names)
    plain = [schema for schema in map(merged, schemas) if schema.get("type") == "string"]
    write_plain = next(filter(None, map(writer, plain)), None)
    discriminator = common.get("discriminator")
    mapping = (discriminator or {}).get("mapping", {})
    by_value = {key: by_name.get(target.rpartition("/")[2]) for key, target in mapping.items()}

    def write_choice(value: Any) -> Any:
        if isinstance(value, (dict, *_PLAIN)):
            return write_plain(value) if write_plain else value
        kind = type(value).__name__
        write = by_name.get(kind, write_common)
        if discriminator:
            told = str(getattr(value, discriminator["propertyName"], None))
            write = by_value.get(told) or by_name.get(told) or write
        if write is None:
            raise TypeError(f"the contract does not tell by which schema {kind} is written")
        return write(value)

    return write_choice
