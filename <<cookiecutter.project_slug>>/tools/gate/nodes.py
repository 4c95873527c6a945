"""Schemas as they are compared: without references, and with what the parts of `allOf` say together."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chassis.contract.references import References

Schema = Mapping[str, Any]

_CHOICES = {"oneOf": "one-of", "anyOf": "any-of"}


class Choice(NamedTuple):
    """The alternatives that a schema has."""

    kind: str
    """`one-of` or `any-of`."""
    options: list["Node"]
    """What each of them says."""
    whole: list["Node"]
    """What each of them says together with all else that the schema says."""


class Document(References):
    """A contract whose schemas are compared."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        """Resolves nothing yet.

        Args:
            content: as it is written; its references stay within it.
        """
        super().__init__(content)
        self.content = content
        self._without: dict[tuple[int, str], Schema] = {}

    def node(self, *schemas: Schema) -> "Node":
        """Returns what schemas say, all of which hold."""
        parts: dict[int, Schema] = {}
        for schema in schemas:
            self._add(schema, parts)
        return Node(self, list(parts.values()))

    def without(self, schema: Schema, keyword: str) -> Schema:
        """Returns a schema without a keyword, each time the same object."""
        key = id(schema), keyword
        if key not in self._without:
            self._without[key] = {name: schema[name] for name in schema if name != keyword}
        return self._without[key]

    def _add(self, schema: Schema, parts: dict[int, Schema]) -> None:
        schema = self.resolved(schema)
        if id(schema) not in parts:
            parts[id(schema)] = self.without(schema, "allOf") if "allOf" in schema else schema
            for part in schema.get("allOf", ()):
                self._add(part, parts)


class Node:
    """What one or more schemas say about a value."""

    def __init__(self, document: Document, parts: list[Schema]) -> None:
        self._document = document
        self._parts = parts
        self.key = tuple(sorted(map(id, parts)))
        """The same for the same schemas, wherever they are referred to."""

    def values(self, keyword: str) -> list[Any]:
        """Returns what the parts have under a keyword."""
        return [part[keyword] for part in self._parts if keyword in part]

    @property
    def types(self) -> set[tuple[str, str | None]]:
        """The types, each with its format."""
        return {(part["type"], part.get("format")) for part in self._parts if "type" in part}

    @property
    def is_nullable(self) -> bool:
        """Whether null is a value: each part that names a type has to allow it."""
        typed = [bool(part.get("nullable")) for part in self._parts if "type" in part]
        return all(typed) if typed else any(self.values("nullable"))

    @property
    def enumeration(self) -> list[Any] | None:
        """The values that are listed, without null; None if there is no list."""
        listed = self.values("enum")
        if not listed:
            return None
        first, *others = listed
        return [one for one in first if one is not None and all(one in other for other in others)]

    @property
    def required(self) -> set[str]:
        """The names of the properties that have to be there."""
        return {name for names in self.values("required") for name in names}

    @property
    def parts(self) -> list[Schema]:
        """The schemas, without references and `allOf`."""
        return self._parts

    def properties(self, absent: str) -> dict[str, "Node"]:
        """Returns the properties by their names.

        Args:
            absent: the keyword of those that do not occur here, `readOnly` or `writeOnly`.
        """
        found: dict[str, list[Schema]] = {}
        for described in self.values("properties"):
            for name, schema in described.items():
                found.setdefault(name, []).append(schema)
        nodes = {name: self._document.node(*schemas) for name, schemas in found.items()}
        return {name: node for name, node in nodes.items() if not any(node.values(absent))}

    def inside(self, keyword: str) -> "Node":
        """Returns what is said about the values in this one: under `items` or `additionalProperties`."""
        schemas = [one for one in self.values(keyword) if isinstance(one, Mapping)]
        return self._document.node(*schemas)

    def choices(self) -> list[Choice]:
        """Returns the choices of all parts."""
        return [
            self._choice(part, keyword)
            for part in self._parts
            for keyword in _CHOICES
            if keyword in part
        ]

    def _choice(self, part: Schema, keyword: str) -> Choice:
        document = self._document
        others = [document.without(one, keyword) if one is part else one for one in self._parts]
        return Choice(
            _CHOICES[keyword],
            [document.node(option) for option in part[keyword]],
            [document.node(*others, option) for option in part[keyword]],
        )
