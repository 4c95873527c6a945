"""Checks requests against the contract: schemas are compiled once, a refusal lists every violation."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from connexion.decorators.parameter import sanitized
from connexion.operations import AbstractOperation
from connexion.utils import is_null
from flask import request as flask_request
from werkzeug.exceptions import UnsupportedMediaType

from .conversion import exact_loads, needs_exact_numbers, reader
from .lazy_request import FORM_MEDIA_TYPES, LazyRequest
from .schemas import compile_schema
from .violations import Violation, pointer, violations_of

_INTEGER = re.compile(r"-?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)


class InvalidRequestError(Exception):
    """The request does not keep to the contract."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(f"{len(violations)} violations")
        self.violations = violations


class RequestValidator:
    """The compiled contract of one operation."""

    def __init__(self, operation: AbstractOperation) -> None:
        self._parameters = [_Parameter(definition) for definition in operation.parameters]
        query = [parameter for parameter in self._parameters if parameter.location == "query"]
        self._query_names = {parameter.name for parameter in query}
        self._single_names = [parameter.name for parameter in query if parameter.is_single]
        self._body = _Body(operation) if operation.request_body else None

    def check(self, request: LazyRequest) -> None:
        """Passes a request that keeps to the contract; what is converted goes to the handler.

        Raises:
            InvalidRequestError: it does not; has every violation.
            UnsupportedMediaType: the body is in a format that the operation does not take.
        """
        violations = list(self._query_violations(request))
        for parameter in self._parameters:
            violations.extend(parameter.violations(request))
        if self._body:
            violations.extend(self._body.violations(request))
        if violations:
            raise InvalidRequestError(violations)

    def _query_violations(self, request: LazyRequest) -> Iterator[Violation]:
        for name in request.query:
            if name not in self._query_names:
                yield Violation("query", pointer([name]), "is not a known parameter")
        for name in self._single_names:
            if len(flask_request.args.getlist(name)) > 1:
                yield Violation("query", pointer([name]), "occurs more than once")
        try:
            unquote_to_bytes(flask_request.query_string).decode()
        except UnicodeDecodeError:
            yield Violation("query", "#", "is not UTF-8")


class _Parameter:
    def __init__(self, definition: dict[str, Any]) -> None:
        self.name: str = definition["name"]
        self.location: str = definition["in"]
        self._required = definition.get("required", False)
        schema = definition.get("schema", {})
        self.is_single = schema.get("type") not in ("array", "object")
        self._convert = _converter(schema)
        self._validator = compile_schema(schema)
        self._read = reader(schema)
        self._argument: str = sanitized(self.name.replace("-", "_"))
        self._default = {}
        if self._read and "default" in schema and self.location == "query":
            # Connexion would hand it on as it is written.
            self._default = {self._argument: self._read(schema["default"])}

    def violations(self, request: LazyRequest) -> Iterator[Violation]:
        text = self._text(request)
        if text is not None:
            value = self._convert(text)
            if not self._validator.is_valid(value):
                yield from violations_of(self._validator, value, self.location, [self.name])
                return
            if self.location == "query":
                # The handler gets what was checked, also inside of objects.
                request.query[self.name] = value
            if self._read and self.location in ("query", "path"):
                # Connexion would make a text of it again.
                request.context[self._argument] = self._read(value)
        elif self._required:
            yield Violation(self.location, pointer([self.name]), "is required")
        else:
            request.context.update(self._default)

    def _text(self, request: LazyRequest) -> Any:
        match self.location:
            case "query":
                return request.query.get(self.name)
            case "path":
                return request.path_params.get(self.name.replace("-", "_"))
            case "header":
                return request.headers.get(self.name)
            case _:
                return flask_request.cookies.get(self.name)


class _Body:
    def __init__(self, operation: AbstractOperation) -> None:
        self._media_types = operation.consumes
        self._required = operation.request_body.get("required", False)
        self._schema = operation.body_schema
        self._validator = compile_schema(self._schema)
        exact = needs_exact_numbers(self._schema)
        self._load = exact_loads if exact else orjson.loads
        self._read = reader(self._schema, exact=exact)

    def violations(self, request: LazyRequest) -> Iterator[Violation]:
        if not flask_request.get_data():
            if self._required:
                yield Violation("body", "#", "is required")
            return
        media_type = flask_request.mimetype
        if media_type not in self._media_types:
            expected = " or ".join(self._media_types)
            raise UnsupportedMediaType(f"The request body must be {expected}.")
        if flask_request.is_json:
            try:
                value = request.json = self._load(flask_request.get_data())
            except ValueError:
                yield Violation("body", "#", "is not valid JSON")
                return
        elif media_type in FORM_MEDIA_TYPES:
            properties = self._schema.get("properties", {})
            value = {
                name: _converter(properties.get(name, {}))(text)
                for name, text in [*request.form.items(), *dict.fromkeys(request.files, "").items()]
            }
        else:
            return
        if not self._validator.is_valid(value):
            yield from violations_of(self._validator, value, "body", [])
        elif self._read and flask_request.is_json:
            try:
                request.json = self._read(value)
            except RecursionError:
                yield Violation("body", "#", "is nested too deeply")


def _converter(schema: dict[str, Any]) -> Callable[[Any], Any]:
    """Returns what reads a text as the schema's type; text of another type is left for the validator."""
    convert = _type_converter(schema)
    if schema.get("nullable"):
        # Connexion hands the text "null" on as None.
        return lambda text: None if is_null(text) else convert(text)
    return convert


def _type_converter(schema: dict[str, Any]) -> Callable[[Any], Any]:
    match schema.get("type"):
        case "integer":
            return lambda text: int(text) if _INTEGER.fullmatch(text) else text
        case "number":
            number = Decimal if schema.get("format") == "decimal" else float
            return lambda text: number(text) if _NUMBER.fullmatch(text) else text
        case "boolean":
            return lambda text: {"true": True, "false": False}.get(text, text)
        case "array":
            element = _converter(schema.get("items", {}))
            return lambda texts: [
                element(text) for text in (texts if isinstance(texts, list) else texts.split(","))
            ]
        case "object":
            properties = {
                name: _converter(inner) for name, inner in schema.get("properties", {}).items()
            }
            return lambda texts: {
                name: properties.get(name, str)(text) for name, text in texts.items()
            }
        case _:
            return lambda text: text
