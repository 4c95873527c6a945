"""The responses of an operation: made of what its handler returns, and checked where that is wanted."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import flask
import jsonschema_rs
from connexion.exceptions import NonConformingResponseBody, NonConformingResponseHeaders

from .compiler import Function
from .compilers import Compilers
from .conversion import exact_loads
from .media_types import BYTES, JSON, MediaTypes, bare, is_json, is_range
from .operation import Operation
from .results import Parts, Result, parts
from .serialization import dump
from .violations import violations_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Media:
    """What the contract says of the bodies of one media type."""

    write: Function | None
    validator: jsonschema_rs.Draft4Validator | None
    is_list: bool


@dataclass(frozen=True, slots=True)
class _Response:
    """What the contract says of the responses of one status."""

    content: MediaTypes[_Media]
    media_types: list[str]
    headers: frozenset[str]
    """The names of those that are required, in small letters."""

    def media_type(self, body: Any) -> str:
        """Returns the media type of a body of which the handler has said none."""
        is_raw = isinstance(body, (bytes, Iterator))
        for media_type in () if is_raw else self.media_types:
            if is_json(media_type):
                return media_type
            if bare(media_type) == "*/*" and not isinstance(body, str):
                return JSON
        for media_type in self.media_types:
            if not is_json(media_type):
                return _without_range(media_type, body) if is_range(media_type) else media_type
        return self.media_types[0]


class Responder:
    """Makes the responses of one operation."""

    def __init__(self, operation: Operation, compilers: Compilers, *, validate: bool) -> None:
        """Compiles nothing yet: each status is compiled when it first occurs.

        Args:
            operation: has the responses.
            compilers: those of the document.
            validate: whether a response that does not keep to the contract is refused.
        """
        self._name = f"{operation.method.upper()} {operation.path}"
        self._declared = operation.responses
        self._compilers = compilers
        self._validate = validate
        self._responses: dict[int, _Response] = {}

    def respond(self, result: Result) -> flask.Response:
        """Makes a response of what a handler returns.

        Raises:
            NonConformingResponseBody: the body does not keep to the contract.
            NonConformingResponseHeaders: a header is missing.
            TypeError: the contract does not say how the result is written.
        """
        made = parts(result)
        response = self._make(made) if isinstance(made, Parts) else made
        if self._validate:
            self._check(response)
        return response

    def _make(self, made: Parts) -> flask.Response:
        body, status, headers, content_type = made
        if body is None:
            empty = flask.current_app.response_class(status=status or 204, headers=headers)
            empty.headers.pop("Content-Type")
            return empty
        declared = self._of_status(status or 200)
        media_type = content_type or declared.media_type(body)
        exact: Any = {
            "content_type" if content_type or ";" in media_type else "mimetype": media_type
        }
        body = _written(body, media_type, declared.content.find(media_type))
        response = flask.current_app.response_class(body, status, headers, **exact)
        if response.location:
            # Handlers write it relative to the request, so they know no version and no prefix.
            response.location = urljoin(
                flask.request.root_path + flask.request.path, response.location
            )
        return response

    def _check(self, response: flask.Response) -> None:
        declared = self._of_status(response.status_code)
        place = f"{self._name}: {response.status_code}"
        if missing := declared.headers - {name.lower() for name, _ in response.headers}:
            names = ", ".join(sorted(missing))
            raise NonConformingResponseHeaders(message=f"{place}: there is no header {names}")
        media = declared.content.find(response.content_type or "")
        if response.is_streamed:
            log.warning("%s: a response that is streamed is not checked", place)
            return
        validator = media.validator if media and is_json(response.content_type or "") else None
        if validator and (faults := "; ".join(_faults(validator, response.get_data()))):
            raise NonConformingResponseBody(message=f"{place}: {faults}")

    def _of_status(self, status: int) -> _Response:
        if status not in self._responses:
            self._responses[status] = self._compile(status)
        return self._responses[status]

    def _compile(self, status: int) -> _Response:
        definition = self._definition(status)
        if self._validate and not definition:
            log.warning("%s: the contract does not declare the status %s", self._name, status)
        content = definition.get("content", {})
        media_types = list(content) or [*self._of_success(), JSON]
        required = {
            name.lower()
            for name, header in definition.get("headers", {}).items()
            if self._compilers.schemas.resolved(header).get("required")
        }
        compiled = {name: self._compile_media(media) for name, media in content.items()}
        return _Response(MediaTypes(compiled), media_types, frozenset(required))

    def _definition(self, status: int) -> Mapping[str, Any]:
        for key in (str(status), f"{status // 100}XX", "default"):
            if key in self._declared:
                return self._declared[key]
        return {}

    def _of_success(self) -> Iterator[str]:
        """Yields the media types of what succeeds."""
        for status, definition in self._declared.items():
            if status.startswith("2"):
                yield from definition.get("content", {})

    def _compile_media(self, media: Mapping[str, Any]) -> _Media:
        schema = media.get("schema")
        if schema is None:
            return _Media(None, None, is_list=False)
        schemas = self._compilers.schemas
        return _Media(
            self._compilers.writer.compile(schema),
            schemas.compile(schema, "response") if self._validate else None,
            is_list=schemas.merged(schema).get("type") == "array",
        )


def _faults(validator: jsonschema_rs.Draft4Validator, content: bytes) -> Iterator[str]:
    """Yields what is wrong with a body."""
    try:
        value = exact_loads(content)
    except ValueError:
        yield "the body is not valid JSON"
        return
    if not validator.is_valid(value):
        for fault in violations_of(validator, value, "body", []):
            yield f"{fault.pointer} {fault.detail}"


def _written(body: Any, media_type: str, media: _Media | None) -> Any:
    if isinstance(body, bytes):
        return body
    if isinstance(body, Iterator) and not (media and media.is_list and is_json(media_type)):
        return body  # it is streamed
    if not is_json(media_type):
        return body if isinstance(body, str) else dump(body)
    if isinstance(body, Iterator):
        body = list(body)
    return dump(media.write(body) if media and media.write else body)


def _without_range(media_type: str, body: Any) -> str:
    """Returns a media type of a range."""
    if isinstance(body, str):
        return "text/plain"
    return BYTES if isinstance(body, (bytes, Iterator)) else JSON
