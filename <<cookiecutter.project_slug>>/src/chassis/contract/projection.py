"""What leaves: objects of the domain become what the response's schema names, and nothing else.

A schema is compiled to a function, once. Dictionaries, lists and plain values pass as they are; of a dictionary
what the contract does not allow (`additionalProperties: false`, `writeOnly`) stays behind, and a line of the log names it.
"""

import logging
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from .compiler import Around, Compiler, Function, without_choice
from .schemas import Schemas

_PLAIN = (str, int, float, type(None), list, date, time, UUID, Decimal, Enum, bytes)

log = logging.getLogger(__name__)


class Writer(Compiler):
    """Makes functions that turn what a handler returns into what JSON has; None if `dump` writes it as it is."""

    def __init__(self, schemas: Schemas, absent: str = "writeOnly") -> None:
        """Makes none yet.

        Args:
            schemas: those of the document.
            absent: the mark of properties that stay behind: `writeOnly` in responses, `readOnly` in requests.
        """
        super().__init__(schemas)
        self.absent = absent

    def concerns(self, schema: dict[str, Any]) -> bool:
        return bool(
            schema.get("properties") or schema.keys() & {"oneOf", "anyOf"} or _is_decimal(schema)
        )

    def make(self, schema: dict[str, Any], around: Around) -> Function | None:
        match schema.get("type"):
            case "string":
                return _write_decimal_text if _is_decimal(schema) else None
            case "number" | "integer" | "boolean":
                return None
            case "array":
                return self._of_array(schema.get("items", {}))
        if schema.keys() & {"oneOf", "anyOf"}:
            if found := self.choices(schema, around):
                return self._of_choice(found, without_choice(schema), around)
            return self.make(without_choice(schema), around)
        if schema.get("properties"):
            return _ObjectWriter(schema, self)
        if isinstance(schema.get("additionalProperties"), Mapping):
            return self._of_map(schema["additionalProperties"])
        return None

    def _of_array(self, items: Mapping[str, Any]) -> Function | None:
        write = self.compile(items)
        if write is None:
            return None
        return lambda values: None if values is None else [write(value) for value in values]

    def _of_map(self, values: Mapping[str, Any]) -> Function | None:
        write = self.compile(values)
        if write is None:
            return None

        def write_map(value: Any) -> Any:
            if not isinstance(value, dict):
                return value
            return {key: write(inner) for key, inner in value.items()}

        return write_map

    def _of_choice(
        self,
        found: list[tuple[Mapping[str, Any], Function | None]],
        common: dict[str, Any],
        around: Around,
    ) -> Function:
        """Returns what writes an object by the schema that its discriminator or its class names.

        Args:
            found: the schemas to choose from, and what writes their values.
            common: what holds besides, whichever is chosen; writes objects that no schema's name fits.
            around: what is made already for the same value.
        """
        by_name = {_last_step(choice.get("$ref", "")): write for choice, write in found}
        write_common = self.make(common, around)
        plain = [self.schemas.merged(choice) for choice, _ in found]
        writes_text = any(
            schema.get("type") == "string" and _is_decimal(schema) for schema in plain
        )
        discriminator = common.get("discriminator")
        mapping = (discriminator or {}).get("mapping", {})
        by_value = {key: by_name.get(_last_step(target)) for key, target in mapping.items()}

        def write_choice(value: Any) -> Any:
            if isinstance(value, (dict, *_PLAIN)):
                return _write_decimal_text(value) if writes_text else value
            kind = type(value).__name__
            write = by_name.get(kind, write_common)
            if discriminator:
                told = str(getattr(value, discriminator["propertyName"], None))
                write = by_value.get(told) or by_name.get(told) or write
            if write is None:
                raise TypeError(f"the contract does not tell by which schema {kind} is written")
            return write(value)

        return write_choice


def _last_step(reference: str) -> str:
    return reference.rpartition("/")[2]


def _is_decimal(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "decimal"


def _write_decimal_text(value: Any) -> Any:
    # What was stored as JSON comes back as a number.
    if isinstance(value, (Decimal, int)):
        return format(value, "f" if isinstance(value, Decimal) else "d")
    return value


class _ObjectWriter:
    """Writes the properties of a schema."""

    def __init__(self, schema: dict[str, Any], writer: Writer) -> None:
        properties = {
            name: inner
            for name, inner in schema["properties"].items()
            if not writer.schemas.resolved(inner).get(writer.absent)
        }
        self._names = tuple(properties)
        self._allowed = frozenset(properties)
        self._absent = schema["properties"].keys() - self._allowed
        self._required = set(schema.get("required", ())) & properties.keys()
        self._write = [
            (name, write) for name, inner in properties.items() if (write := writer.compile(inner))
        ]
        # Names that Python does not allow are found by the slow way.
        self._get = attrgetter(*self._names) if len(self._names) > 1 else None
        self._others = schema.get("additionalProperties", True)
        self._write_others = (
            writer.compile(self._others) if isinstance(self._others, Mapping) else None
        )
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
        for name in value.keys() - self._allowed if closed else value.keys() & self._absent:
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
