"""Annotations: the Python types of what schemas describe."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from .imports import Imports
from .operations import Schema, resolved

_FORMATS = {
    "uuid": ("uuid", "UUID"),
    "date": ("datetime", "date"),
    "date-time": ("datetime", "datetime"),
    "decimal": ("decimal", "Decimal"),
}
_SIMPLE = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}


class Annotations:
    """Writes annotations for one module."""

    def __init__(
        self, document: Mapping[str, Any], types: str, module: str, imports: Imports
    ) -> None:
        """Reads the names of the types.

        Args:
            document: the contract.
            types: the text of the module with the types of its schemas.
            module: the name of that module.
            imports: those of the module that gets the annotations.
        """
        self._document = document
        self._package, _, self._module = module.rpartition(".")
        self._imports = imports
        self._types = {
            _plain(node.name): node.name
            for node in ast.parse(types).body
            if isinstance(node, ast.ClassDef)
        }

    def of(self, schema: Schema) -> str:
        """Returns the annotation of what a schema describes."""
        found = resolved(self._document, schema)
        if not isinstance(found, Mapping):
            return self.any()
        annotation = self._named(schema) or self._written(found)
        is_null = found.get("nullable") and not annotation.endswith("None")
        return f"{annotation} | None" if is_null and annotation != self.any() else annotation

    def any(self) -> str:
        """Returns what stands for any type."""
        return self._imports.use("typing", "Any")

    def mapping(self) -> str:
        """Returns what stands for an object without known properties."""
        return f"dict[str, {self.any()}]"

    def _named(self, schema: Schema) -> str | None:
        name = _plain(str(schema.get("$ref", "")).rpartition("/")[2])
        if name not in self._types:
            return None
        return f"{self._imports.use(self._package, self._module)}.{self._types[name]}"

    def _written(self, schema: Schema) -> str:
        match schema:
            case {"allOf": [only]}:
                return self.of(only)
            case {"oneOf": [*choices]} | {"anyOf": [*choices]}:
                return self._union(choices)
            case {"enum": [*values]} if all(isinstance(value, (str, int)) for value in values):
                texts = ", ".join(_literal(value) for value in values)
                return f"{self._imports.use('typing', 'Literal')}[{texts}]"
            case {"type": "string", "format": "binary"}:
                return "bytes"
            case {"type": "string" | "number", "format": str(kind)} if kind in _FORMATS:
                module, name = _FORMATS[kind]
                if name != "Decimal" and schema["type"] == "number":
                    return "float"
                return self._imports.use(module, name)
            case {"type": str(kind)} if kind in _SIMPLE:
                return _SIMPLE[kind]
            case {"type": "array"}:
                return f"list[{self.of(schema.get('items', {}))}]"
            case {"type": "object"} | {"properties": _}:
                return self.mapping()
        return self.any()

    def _union(self, choices: list[Schema]) -> str:
        found = list(dict.fromkeys(map(self.of, choices)))
        return self.any() if self.any() in found else " | ".join(found)


def _plain(name: str) -> str:
    """Returns what the names of a schema and of its type have in common."""
    return re.sub("[^0-9a-z]", "", name.lower())


def _literal(value: str | int) -> str:
    text = repr(value)
    if isinstance(value, str) and '"' not in text:
        return f'"{text[1:-1]}"'
    return text
