"""Checks requests against the contract: schemas are compiled once, a refusal lists every violation."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema_rs
from connexion.lifecycle import ConnexionRequest
from connexion.operations import AbstractOperation
from connexion.utils import is_null
from flask import request as flask_request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from .lazy_request import FORM_MEDIA_TYPES

_INTEGER = re.compile(r"-?\d{1,40}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request."""

    location: str
    """The part of the request: body, query, path, header or cookie."""
    pointer: str
    """A JSON pointer into that part, as a URI fragment (RFC 6901, section 6)."""
    detail: str


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

    def check(self, request: ConnexionRequest) -> None:
        """Passes a request that keeps to the contract.

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

    def _query_violations(self, request: ConnexionRequest) -> Iterator[Violation]:
        for name in request.query:
            if name not in self._query_names:
                yield Violation("query", _pointer([name]), "is not a known parameter")
        for name in self._single_names:
            if len(flask_request.args.getlist(name)) > 1:
                yield Violation("query", _pointer([name]), "occurs more than once")
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

    def violations(self, request: ConnexionRequest) -> Iterator[Violation]:
        text = self._text(request)
        if text is not None:
            value = self._convert(text)
            if not self._validator.is_valid(value):
                yield from _explain(self._validator, value, self.location, [self.name])
            elif self.location == "query":
                # The handler gets what was checked, also inside of objects.
                request.query[self.name] = value
        elif self._required:
            yield Violation(self.location, _pointer([self.name]), "is required")

    def _text(self, request: ConnexionRequest) -> Any:
        match self.location:
            case "query":
                return request.query.get(self.name)
            case "path":
                return request.path_params.get(self.name.replace("-", "_"))
            case "header":
                return request.headers.get(self.name)
            case _:
                return request.cookies.get(self.name)


class _Body:
    def __init__(self, operation: AbstractOperation) -> None:
        self._media_types = operation.consumes
        self._required = operation.request_body.get("required", False)
        self._schema = operation.body_schema
        self._validator = compile_schema(self._schema)

    def violations(self, request: ConnexionRequest) -> Iterator[Violation]:
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
                value = flask_request.get_json()
            except BadRequest:
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
            yield from _explain(self._validator, value, "body", [])


def compile_schema(schema: dict[str, Any]) -> jsonschema_rs.Draft4Validator:
    """Compiles a schema of requests, its references resolved.

    OpenAPI 3.0 has JSON Schema Draft 4 with a few differences: `nullable`, and properties that are
    `readOnly`, which do not occur in requests.
    """
    return jsonschema_rs.Draft4Validator(
        _to_json_schema(schema),
        validate_formats=True,
        formats={"uuid": _is_uuid, "date": _is_date},
        mask="value",
    )


def _to_json_schema(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_to_json_schema(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    converted: dict[str, Any] = {}
    for keyword, value in schema.items():
        match keyword:
            case "components" | "default" | "example":
                pass
            case "enum" | "required":
                converted[keyword] = value
            case "properties":
                converted[keyword] = {
                    name: {"not": {}} if inner.get("readOnly") else _to_json_schema(inner)
                    for name, inner in value.items()
                }
            case _:
                converted[keyword] = _to_json_schema(value)
    if isinstance(schema.get("required"), list):
        properties = schema.get("properties", {})
        names = [n for n in schema["required"] if not properties.get(n, {}).get("readOnly")]
        converted.pop("required")
        if names:
            converted["required"] = names
    if schema.get("nullable") and "type" in schema:
        converted["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            converted["enum"] = [*schema["enum"], None]
    return converted


def _explain(
    validator: jsonschema_rs.Draft4Validator, value: Any, location: str, path: list[str | int]
) -> Iterator[Violation]:
    try:
        errors = list(validator.iter_errors(value))
    except ValueError:
        yield Violation(location, _pointer(path), "is nested too deeply")
        return
    for error in errors:
        place = [*path, *error.instance_path]
        match error.kind:
            case jsonschema_rs.ValidationErrorKind.Required(property=name):
                yield Violation(location, _pointer([*place, name]), "is required")
            case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
                for name in names:
                    yield Violation(location, _pointer([*place, name]), "is not a known property")
            case jsonschema_rs.ValidationErrorKind.Pattern():
                yield Violation(location, _pointer(place), "does not have the described form")
            case jsonschema_rs.ValidationErrorKind.Not():
                yield Violation(location, _pointer(place), "is not allowed")
            case _:
                yield Violation(location, _pointer(place), error.message.removeprefix("value "))


def _pointer(path: list[str | int]) -> str:
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join(f"/{part}" for part in escaped)


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
            return lambda text: float(text) if _NUMBER.fullmatch(text) else text
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


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
