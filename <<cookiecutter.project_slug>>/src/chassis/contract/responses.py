"""The responses of an operation: made of what its handler returns, and checked where that is wanted."""

import logging
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import flask
import jsonschema_rs
from connexion.exceptions import NonConformingResponseBody, NonConformingResponseHeaders
from connexion.operations import AbstractOperation
from connexion.utils import is_json_mimetype

from .conversion import exact_loads
from .projection import Writer, writer
from .schemas import compile_schema
from .serialization import dump
from .violations import violations_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Response:
    """What the contract says of the responses of one status."""

    write: Writer | None
    validator: jsonschema_rs.Draft4Validator | None
    headers: frozenset[str]
    """The names of those that are required, in small letters."""


class Responder:
    """Makes the responses of one operation."""

    def __init__(self, operation: AbstractOperation, *, validate: bool) -> None:
        """Compiles nothing yet: each status is compiled when it first occurs.

        Args:
            operation: has the responses.
            validate: whether a response that does not keep to the contract is refused.
        """
        self._operation = operation
        self._mimetype = operation.get_mimetype()
        self._is_json = is_json_mimetype(self._mimetype)
        self._validate = validate
        self._responses: dict[int, _Response] = {}

    def respond(self, result: Any) -> flask.Response:
        """Makes a response of what a handler returns: a body, or (body, status, headers).

        Raises:
            NonConformingResponseBody: the body does not keep to the contract.
            NonConformingResponseHeaders: a header is missing.
        """
        if isinstance(result, flask.Response):
            response = result
        else:
            body, status, headers = result, None, None
            if isinstance(result, tuple) and not hasattr(result, "_fields"):
                body, status, headers, *_ = *result, None, None
            response = self._make(body, status, headers)
        if self._validate:
            self._check(response)
        return response

    def _make(self, body: Any, status: int | None, headers: Any) -> flask.Response:
        if body is None:
            empty = flask.current_app.response_class(status=status or 204, headers=headers)
            empty.headers.pop("Content-Type")
            return empty
        if self._is_json:
            write = self._of_status(int(status or 200)).write
            body = dump(write(body) if write else body)
        made = flask.current_app.response_class(body, status, headers, mimetype=self._mimetype)
        if made.location:
            # Handlers write it relative to the request, so they know no version and no prefix.
            made.location = urljoin(flask.request.root_path + flask.request.path, made.location)
        return made

    def _check(self, response: flask.Response) -> None:
        declared = self._of_status(response.status_code)
        if missing := declared.headers - {name.lower() for name, _ in response.headers}:
            names = ", ".join(sorted(missing))
            raise NonConformingResponseHeaders(message=f"there is no header {names}")
        if response.is_streamed:
            log.warning("A response that is streamed is not checked against the contract.")
        elif declared.validator and response.mimetype == self._mimetype:
            self._check_body(declared.validator, response.get_data())

    def _check_body(self, validator: jsonschema_rs.Draft4Validator, content: bytes) -> None:
        try:
            value = exact_loads(content)
        except ValueError:
            raise NonConformingResponseBody(message="the body is not valid JSON") from None
        if not validator.is_valid(value):
            faults = [
                f"{fault.pointer} {fault.detail}"
                for fault in violations_of(validator, value, "body", [])
            ]
            raise NonConformingResponseBody(message="; ".join(faults))

    def _of_status(self, status: int) -> _Response:
        if status not in self._responses:
            self._responses[status] = self._compile(status)
        return self._responses[status]

    def _compile(self, status: int) -> _Response:
        definition = self._operation.response_definition(str(status)) or {}
        content = definition.get("content", {}).get(self._mimetype, {})
        schema = content.get("schema") if self._is_json else None
        required = {
            name.lower()
            for name, header in definition.get("headers", {}).items()
            if header.get("required")
        }
        if schema is None:
            return _Response(None, None, frozenset(required))
        return _Response(
            writer(schema, self._operation.components.get("schemas", {})),
            compile_schema(schema, "response") if self._validate else None,
            frozenset(required),
        )
