"""Values that arrive as texts, in parameters and forms: each is read as the type that its schema names."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connexion.utils import is_null

from .compiler import Around, Compiler, Function, without_choice

_INTEGER = re.compile(r"-?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_WITHOUT_COMMA = {"date", "date-time", "uuid", "decimal"}


class TextReader(Compiler):
    """Makes functions that read texts; a text of another type is left as it is, for the validator to refuse.

    A function takes a text, a list or a dictionary, as the style of a parameter makes one of the request.
    """

    def concerns(self, schema: dict[str, Any]) -> bool:
        return schema.get("type", "string") != "string" or bool(schema.get("nullable"))

    def make(self, schema: dict[str, Any], around: Around) -> Function | None:
        read = self._of_type(schema, around)
        if schema.get("nullable"):
            # Connexion, too, takes the text "null" for None.
            return lambda text: None if is_null(text) else read(text) if read else text
        return read

    def _of_type(self, schema: dict[str, Any], around: Around) -> Function | None:
        match schema:
            case {"type": "integer"}:
                return lambda text: int(text) if _is_like(_INTEGER, text) else text
            case {"type": "number"}:
                number = Decimal if schema.get("format") == "decimal" else float
                return lambda text: number(text) if _is_like(_NUMBER, text) else text
            case {"type": "boolean"}:
                return _to_boolean
            case {"type": "array"}:
                return self._of_array(self.compile(schema.get("items", {})))
            case {"type": "string"}:
                return None
            case {"oneOf": _} | {"anyOf": _}:
                return self._of_choice(schema, around)
            case {"enum": values} if "type" not in schema:
                by_text = {_text(value): value for value in values}
                return lambda text: by_text.get(text, text) if isinstance(text, str) else text
        return self._of_object(schema)

    def _of_array(self, read: Function | None) -> Function:
        def read_array(texts: Any) -> Any:
            if isinstance(texts, str):
                texts = [texts]
            if not isinstance(texts, list) or read is None:
                return texts
            return [read(text) for text in texts]

        return read_array

    def _of_object(self, schema: dict[str, Any]) -> Function | None:
        properties = schema.get("properties", {})
        read_each = {name: self.compile(inner) for name, inner in properties.items()}
        others = schema.get("additionalProperties")
        read_others = self.compile(others) if isinstance(others, Mapping) else None

        def read_object(texts: Any) -> Any:
            if not isinstance(texts, dict):
                return texts
            result = {}
            for name, text in texts.items():
                read = read_each.get(name) if name in properties else read_others
                result[name] = read(text) if read else text
            return result

        return read_object

    def _of_choice(self, schema: dict[str, Any], around: Around) -> Function | None:
        found = self.choices(schema, around)
        if not found:
            return self.make(without_choice(schema), around)
        choices = [(self.schemas.compile(choice), read) for choice, read in found]

        def read_choice(text: Any) -> Any:
            for validator, read in choices:
                value = read(text) if read else text
                if validator.is_valid(value):
                    return value
            return text

        return read_choice

    def kind(self, schema: Mapping[str, Any], around: Around = frozenset()) -> str:
        """Returns "array", "object" or "single": what the texts of a value are."""
        merged = self.schemas.merged(schema)
        kind = merged.get("type")
        choice = merged.get("oneOf") or merged.get("anyOf")
        if kind is None and choice and id(choice) not in around:
            kinds = {self.kind(one, around | {id(choice)}) for one in choice}
            return kinds.pop() if len(kinds) == 1 else "single"
        if kind is None and "properties" in merged:
            return "object"
        return kind if kind in ("array", "object") else "single"

    def has_commas(self, schema: Mapping[str, Any]) -> bool:
        """Whether a comma can be a part of an element of an array, instead of standing between two."""
        items = self.schemas.merged(self.schemas.merged(schema).get("items", {}))
        if items.get("type", "string") != "string":
            return False
        if "enum" in items:
            return any("," in str(value) for value in items["enum"])
        return items.get("format") not in _WITHOUT_COMMA


def _is_like(form: re.Pattern[str], text: Any) -> bool:
    return isinstance(text, str) and form.fullmatch(text) is not None


def _to_boolean(text: Any) -> Any:
    # Python's clients write True.
    return {"true": True, "false": False}.get(text.lower(), text) if isinstance(text, str) else text


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
