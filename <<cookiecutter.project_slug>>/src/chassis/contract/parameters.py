"""The parameters of an operation: read from the request in their style, checked, and handed on by their names."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import orjson
from connexion.decorators.parameter import sanitized
from connexion.utils import deep_merge
from flask import request as flask_request

from . import styles
from .compilers import Compilers
from .lazy_request import LazyRequest
from .media_types import is_json
from .routing import argument
from .violations import Violation, pointer, violations_of

_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class Parameters:
    """The parameters of one operation."""

    def __init__(
        self, definitions: Iterable[Mapping[str, Any]], compilers: Compilers, keys: Iterable[str]
    ) -> None:
        """Compiles them.

        Args:
            definitions: as the document has them, without references.
            compilers: those of the document.
            keys: names in the query that security schemes read.
        """
        self._all = [_parameter(definition, compilers) for definition in definitions]
        self._query = [one for one in self._all if isinstance(one, _QueryParameter)]
        self._query_names = {parameter.name for parameter in self._query}.union(keys)
        self._single_names = [one.name for one in self._query if one.is_single]

    def arguments(self, *, always: bool) -> frozenset[str]:
        """Returns the names of the handler's arguments: of those that each request has, or of the others."""
        return frozenset(
            one.argument_name
            for one in self._all
            if one.argument_name and one.is_always_there() is always
        )

    def read(self, request: LazyRequest, violations: list[Violation]) -> dict[str, Any]:
        """Returns what the handler gets, by the names of its arguments; adds what is wrong to the violations."""
        arguments: dict[str, Any] = {}
        for name in request.query:
            if name not in self._query_names and not any(one.has(name) for one in self._query):
                violations.append(Violation("query", pointer([name]), "is not a known parameter"))
        for name in self._single_names:
            if len(request.query.getlist(name)) > 1:
                violations.append(Violation("query", pointer([name]), "occurs more than once"))
        for parameter in self._all:
            violations.extend(parameter.read(request, arguments))
        return arguments


class _Parameter:
    """A parameter; the handler gets those of paths and queries."""

    is_single = True

    def __init__(self, definition: Mapping[str, Any], compilers: Compilers) -> None:
        self.name: str = definition["name"]
        self.location: str = definition["in"]
        self._required: bool = definition.get("required", False)
        self._is_json = False
        schema = definition.get("schema", {})
        for media_type, content in definition.get("content", {}).items():
            self._is_json = is_json(media_type)
            schema = content.get("schema", {})
        texts = compilers.texts
        self.schema = compilers.schemas.merged(schema)
        self.kind = "single" if "content" in definition else texts.kind(schema)
        self.style: str = definition.get("style", _STYLES[self.location])
        self.explode: bool = definition.get("explode", self.style in ("form", "deepObject"))
        self._convert = None if "content" in definition else texts.compile(schema)
        self._validator = compilers.schemas.compile(schema)
        self._read = compilers.reader.compile(schema)
        self.argument_name = self.argument()

    def argument(self) -> str | None:
        """Returns the name of the handler's argument."""
        return None

    def is_always_there(self) -> bool:
        """Whether the handler gets a value for each request."""
        return self._required

    def read(self, request: LazyRequest, arguments: dict[str, Any]) -> Iterator[Violation]:
        """Adds the value to the arguments if it is valid; yields what is wrong with it."""
        value = self.raw(request)
        if value is None:
            if self._required:
                yield Violation(self.location, pointer([self.name]), "is required")
            elif self.argument_name:
                self.add_default(self.argument_name, arguments)
            return
        if self._is_json:
            try:
                value = orjson.loads(value)
            except ValueError:
                yield Violation(self.location, pointer([self.name]), "is not valid JSON")
                return
        elif self._convert:
            value = self._convert(value)
        if not self._validator.is_valid(value):
            yield from violations_of(self._validator, value, self.location, [self.name])
        elif self.argument_name:
            try:
                value = self._read(value) if self._read else value
            except RecursionError:
                yield Violation(self.location, pointer([self.name]), "is nested too deeply")
                return
            arguments[self.argument_name] = self.complete(value)

    def raw(self, request: LazyRequest) -> Any:
        """Returns the texts of the value; None if it is missing."""
        source: Mapping[str, str] = request.headers  # type: ignore[assignment]
        if self.location == "cookie":
            source = flask_request.cookies
        value = styles.of_texts(source.get, self.name, self.kind, self.style, explode=self.explode)
        # HTTP allows spaces around the commas of a header.
        if isinstance(value, list):
            return [text.strip() for text in value]
        if isinstance(value, dict):
            return {name.strip(): text.strip() for name, text in value.items()}
        return value

    def add_default(self, argument: str, arguments: dict[str, Any]) -> None:
        """Adds what the handler gets if the parameter is missing."""

    def complete(self, value: Any) -> Any:
        """Returns a value with the defaults of its parts."""
        return value


class _PathParameter(_Parameter):
    def argument(self) -> str:
        return argument(self.name)

    def raw(self, request: LazyRequest) -> Any:
        # The route's variable has the name of the argument.
        text = request.path_values.get(self.argument_name or "")
        return styles.of_texts(
            lambda _: text, self.name, self.kind, self.style, explode=self.explode
        )


class _QueryParameter(_Parameter):
    def __init__(self, definition: Mapping[str, Any], compilers: Compilers) -> None:
        super().__init__(definition, compilers)
        schema = self.schema
        self.is_single = self.kind == "single" and not schema.keys() & {"oneOf", "anyOf"}
        self._properties = frozenset(schema.get("properties", {}))
        self._takes_others = bool(
            schema.get("additionalProperties", not self._properties) and self._is_spread()
        )
        self._delimiter = styles.DELIMITERS.get(self.style, ",")
        self._splits = self.style != "form" or not compilers.texts.has_commas(schema)
        default = _default(schema, compilers)
        self._has_default = default is not None or "default" in schema
        self._default = self._read(default) if self._read else default
        self._is_shared = isinstance(self._default, (dict, list))

    def argument(self) -> str:
        return sanitized(self.name)  # type: ignore[no-any-return]

    def is_always_there(self) -> bool:
        return self._required or self._has_default

    def has(self, name: str) -> bool:
        """Whether a name in the query is a part of this parameter."""
        if self.kind != "object":
            return False
        if self.style == "deepObject":
            return styles.is_part_of(name, self.name)
        return self._is_spread() and (self._takes_others or name in self._properties)

    def raw(self, request: LazyRequest) -> Any:
        query = request.query
        match self.kind:
            case "array":
                return self._elements(query.getlist(self.name))
            case "object" if self.style == "deepObject":
                return styles.deep_object(self.name, query) or query.get(self.name)
            case "object" if self._is_spread():
                found = {name: query[name] for name in query if self.has(name)}
                return found or None
            case "object":
                text = query.get(self.name)
                return text and styles.separated(text, self.kind, self._delimiter)
        if self.is_single:
            return query.get(self.name)
        texts = query.getlist(self.name)
        return texts if len(texts) > 1 else next(iter(texts), None)

    def add_default(self, argument: str, arguments: dict[str, Any]) -> None:
        if self._has_default:
            arguments[argument] = deepcopy(self._default) if self._is_shared else self._default

    def complete(self, value: Any) -> Any:
        if self.kind == "object" and isinstance(value, dict) and self._default:
            return deep_merge(deepcopy(self._default), value)
        return value

    def _is_spread(self) -> bool:
        """Whether each property of the object is a name in the query."""
        return self.kind == "object" and self.style == "form" and self.explode

    def _elements(self, texts: list[str]) -> list[str] | None:
        if not texts:
            return None
        if not self.explode:
            return texts[-1].split(self._delimiter)
        if not self._splits:
            return texts
        # The comma can be no part of an element: what clients of Connexion send is taken, too.
        return [element for text in texts for element in text.split(self._delimiter)]


def _parameter(definition: Mapping[str, Any], compilers: Compilers) -> _Parameter:
    kinds = {"path": _PathParameter, "query": _QueryParameter}
    return kinds.get(definition["in"], _Parameter)(definition, compilers)


def _default(schema: Mapping[str, Any], compilers: Compilers) -> Any:
    """Returns the default of a schema: of an object, those of its properties; None if there is none."""
    if "default" in schema:
        return schema["default"]
    if schema.get("type") == "object":
        return _of_properties(schema, compilers, ())
    return None


def _of_properties(
    schema: Mapping[str, Any], compilers: Compilers, around: tuple[int, ...]
) -> dict[str, Any]:
    found = {}
    for name, inner in schema.get("properties", {}).items():
        merged = compilers.schemas.merged(inner)
        if "default" in merged:
            found[name] = merged["default"]
        elif id(merged) not in around and (
            inside := _of_properties(merged, compilers, (*around, id(merged)))
        ):
            found[name] = inside
    return found
