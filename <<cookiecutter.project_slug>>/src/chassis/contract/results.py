"""What handlers may return, in one form: a body alone, with a status and headers, or a response."""

from collections.abc import Iterable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

import flask
from connexion import NoContent
from connexion.lifecycle import ConnexionResponse
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

Result = Any
"""`body`, `(body, status)`, `(body, headers)`, `(body, status, headers)`, a response or `connexion.problem(...)`."""


class Parts(NamedTuple):
    """A body that has yet to be written."""

    body: Any
    status: int | None
    """None is 200, and 204 where there is no body."""
    headers: Headers
    content_type: str | None
    """None if the contract alone says it."""


def parts(result: Result) -> Parts | flask.Response:
    """Returns the parts of a result, or the response that it is.

    Raises:
        TypeError: it is a tuple of another form.
    """
    body, status, headers = _taken_apart(result)
    if isinstance(body, ConnexionResponse):
        status = status or body.status_code
        declared = body.content_type or body.mimetype
        headers = Headers([*Headers(body.headers), *headers])
        if declared and "Content-Type" not in headers:
            headers["Content-Type"] = declared
        body = body.body
    if isinstance(body, Response):
        return flask.current_app.make_response((body, status, headers))  # type: ignore[arg-type]
    content_type = headers.pop("Content-Type", None)
    return Parts(None if body is NoContent else body, status, headers, content_type)


def _taken_apart(result: Result) -> tuple[Any, int | None, Headers]:
    # A named tuple is a value.
    if not isinstance(result, tuple) or hasattr(result, "_fields"):
        return result, None, Headers()
    match result:
        case (body,):
            return body, None, Headers()
        case (body, None | int() | str() | Enum() as status):
            return body, _code(status), Headers()
        case (body, headers):
            return body, None, _headers(headers)
        case (body, status, headers):
            return body, _code(status), _headers(headers)
    raise TypeError("a handler returns body, (body, status), (body, headers) or all three")


def _code(status: Any) -> int | None:
    if isinstance(status, Enum) and not isinstance(status, HTTPStatus):
        status = status.value
    # Flask takes "404 Not Found", too.
    return int(status.split()[0]) if isinstance(status, str) else status and int(status)


def _headers(headers: Mapping[str, Any] | Iterable[tuple[str, Any]] | None) -> Headers:
    return Headers(headers)
