"""The schemas of a document, compiled: each is checked by one validator, whichever way the data go.

OpenAPI 3.0 has JSON Schema Draft 4 with a few differences: `nullable`, properties that do not occur in requests
(`readOnly`) or in responses (`writeOnly`), and formats.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

import jsonschema_rs

from .formats import LARGEST_INTEGERS, is_date, is_date_time, is_decimal, is_uuid
from .references import References

Direction = Literal["request", "response"]

_ABSENT: dict[Direction, str] = {"request": "readOnly", "response": "writeOnly"}
_FORMATS = {
    "uuid": is_uuid,
    "date": is_date,
    "date-time": is_date_time,
    "decimal": is_decimal,
}
_OF_VALUES = {"type", "format", "enum"}
_OF_NUMBERS = {"multipleOf", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"}
_OF_SIZES = {"minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"}
_OF_TEXTS = {"pattern", "minLength", "maxLength"}
# Nothing else is a demand: neither descriptions and examples nor extensions (`x-...`).
_DEMANDS = _OF_VALUES | _OF_NUMBERS | _OF_SIZES | _OF_TEXTS
# `[\s\S]{1,65535}` needs a fifth of it.
_PATTERNS = jsonschema_rs.FancyRegexOptions(size_limit=2**27)


class Schemas(References):
    """The schemas of one document. Each that is referred to is converted once, for each direction."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Compiles nothing yet.

        Args:
            document: as it is written; its references stay within it.
        """
        super().__init__(document)
        self._converted = {direction: _Converter(self, _ABSENT[direction]) for direction in _ABSENT}
        self._compiled: dict[tuple[str, Direction], jsonschema_rs.Draft4Validator] = {}

    def compile(
        self, schema: Mapping[str, Any], direction: Direction = "request"
    ) -> jsonschema_rs.Draft4Validator:
        """Compiles a schema for one direction.

        Raises:
            UnresolvedReferenceError: a reference leads nowhere.
            ValueError: a pattern cannot be compiled.
        """
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._compile(schema, direction)
        if (reference, direction) not in self._compiled:
            self._compiled[reference, direction] = self._compile(schema, direction)
        return self._compiled[reference, direction]

    def _compile(
        self, schema: Mapping[str, Any], direction: Direction
    ) -> jsonschema_rs.Draft4Validator:
        return jsonschema_rs.Draft4Validator(
            self._converted[direction].whole(schema),
            validate_formats=True,
            formats=_FORMATS,
            mask="value",
            pattern_options=_PATTERNS,
        )


class _Converter:
    """Makes JSON Schema of the schemas of a document, for one direction."""

    def __init__(self, references: References, absent: str) -> None:
        self._references = references
        self._absent = absent
        self._definitions: dict[str, dict[str, Any]] = {}
        """Those that are referred to, by what refers to them."""

    def whole(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a schema with all that it refers to."""
        converted = self._convert(schema)
        if references := self._references.reachable(schema):
            definitions = {_name(one): self._definition(one) for one in references}
            # What stands beside a reference is not read.
            return {"allOf": [converted], "definitions": definitions}
        return converted

    def _definition(self, reference: str) -> dict[str, Any]:
        if reference not in self._definitions:
            schema = self._references.resolved({"$ref": reference})
            self._definitions[reference] = self._convert(schema)
        return self._definitions[reference]

    def _convert(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(schema.get("$ref"), str):
            return {"$ref": f"#/definitions/{_name(schema['$ref'])}"}
        converted: dict[str, Any] = {}
        for keyword, value in schema.items():
            match keyword:
                case "properties":
                    converted[keyword] = {
                        name: {"not": {}} if self._is_absent(inner) else self._convert(inner)
                        for name, inner in value.items()
                    }
                case "required":
                    properties = schema.get("properties", {})
                    names = [n for n in value if not self._is_absent(properties.get(n, {}))]
                    if names:
                        converted[keyword] = names
                case "allOf" | "oneOf" | "anyOf":
                    converted[keyword] = [self._convert(part) for part in value]
                case "items" | "not":
                    converted[keyword] = self._convert(value)
                case "additionalProperties":
                    is_schema = isinstance(value, Mapping)
                    converted[keyword] = self._convert(value) if is_schema else value
                case _ if keyword in _DEMANDS:
                    converted[keyword] = value
        return _with_differences(schema, converted)

    def _is_absent(self, schema: Mapping[str, Any]) -> bool:
        return bool(self._references.resolved(schema).get(self._absent))


def _name(reference: str) -> str:
    # Neither `/` nor `~` nor `%` may stand in it, and no two references may have the same.
    return reference.encode().hex()


def _with_differences(schema: Mapping[str, Any], converted: dict[str, Any]) -> dict[str, Any]:
    """Writes down what OpenAPI means by `format` and `nullable`."""
    match schema:
        case {"type": "integer", "format": "int32" | "int64"}:
            largest = LARGEST_INTEGERS[schema["format"]]
            converted["minimum"] = max(schema.get("minimum", -math.inf), -largest - 1)
            converted["maximum"] = min(schema.get("maximum", math.inf), largest)
        case {"type": "string", "format": "binary"}:
            # It is no text, so it has no length and no form of a text.
            for keyword in ("minLength", "maxLength", "pattern", "enum"):
                converted.pop(keyword, None)
    if schema.get("nullable") and "type" in schema:
        converted["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            converted["enum"] = [*schema["enum"], None]
    return converted


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression of ECMA 262."""
    try:
        jsonschema_rs.Draft4Validator({"pattern": text}, pattern_options=_PATTERNS)
    except ValueError:
        return False
    return True
