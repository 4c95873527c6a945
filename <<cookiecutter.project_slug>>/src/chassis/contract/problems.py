"""Problem documents (RFC 9457): what a client gets instead of a result."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from connexion.exceptions import NonConformingResponse, ProblemException
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from .. import tracing
from .validation import InvalidRequestError

FAILURE = "The service failed; its logs tell why under the trace id."
# Instead of Werkzeug's sentences, which are for people with a browser.
DETAILS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this path.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path does not take this method.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request body is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: FAILURE,
}


def problem(status: int, detail: str | None, **members: Any) -> Response:
    """Returns a problem document.

    Args:
        status: the HTTP status code.
        detail: a sentence for the client; None leaves it out.
        members: extension members (RFC 9457, section 3.2), or other values of the standard ones.
    """
    document = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Unknown Error"),
        "status": status,
        "detail": detail,
        "instance": quote(request.root_path + request.path),
        "trace": tracing.current().trace_id,
        **members,
    }
    return current_app.response_class(
        current_app.json.dumps(
            {key: value for key, value in document.items() if value is not None}
        ),
        status,
        mimetype="application/problem+json",
    )


def init_app(app: Flask, statuses: Mapping[type[Exception], HTTPStatus]) -> None:
    """Answers every error with a problem document.

    Args:
        app: the application.
        statuses: the status of each of the domain's errors; their messages reach the client.
    """
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ProblemException, _connexion_problem)
    app.register_error_handler(InvalidRequestError, _invalid_request)
    for error_type, status in statuses.items():
        app.register_error_handler(error_type, _with_status(status))


def _http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None:
        return error.get_response()  # type: ignore[return-value]
    response = problem(error.code, _detail(error))
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _detail(error: HTTPException) -> str | None:
    if error.code in DETAILS and error.description == type(error).description:
        return DETAILS[error.code]
    return error.description


def _connexion_problem(error: ProblemException) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reason = str(error.detail).partition("\n")[0]
        current_app.logger.error("%s: %s", type(error).__name__, reason)
    if isinstance(error, NonConformingResponse):
        return problem(error.status, FAILURE)
    given = {"title": error.title, "type": error.type, "instance": error.instance}
    members = {name: value for name, value in given.items() if value} | (error.ext or {})
    for name in ("status", "detail"):
        members.pop(name, None)
    response = problem(error.status, error.detail, **members)
    response.headers.extend(error.headers or {})
    return response


def _invalid_request(error: InvalidRequestError) -> Response:
    return problem(
        HTTPStatus.BAD_REQUEST,
        "The request does not keep to the contract.",
        errors=[violation._asdict() for violation in error.violations],
    )


def _with_status(status: HTTPStatus) -> Any:
    def respond(error: Exception) -> Response:
        return problem(status, str(error))

    return respond
