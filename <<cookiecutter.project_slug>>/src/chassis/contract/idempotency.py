"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): a request that is repeated gets the first answer.

A key is taken before the handler is called, so that others see that its request is running. What the handler changes and its
answer are then stored as one: the unit of work that is opened here is the outermost, and those of the service are parts of it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

from flask import Response, current_app, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import Conflict, UnprocessableEntity

from .operation import Operation
from .problems import problem
from .validation import InvalidRequestError
from .violations import Violation, pointer

HEADER = "Idempotency-Key"
METHODS = frozenset({"post", "patch"})
"""The methods that are not idempotent by themselves (RFC 9110, section 9.2.2)."""
REPLAYED = "Idempotent-Replayed"
MAX_KEY_LENGTH = 255
MAX_BODY_BYTES = 1_048_576
RETRY_AFTER_SECONDS = 1

OTHER_KEY = "The key was used for another request: this one needs a key of its own."
RUNNING = "The first request with this key is still running."
TAKEN_OVER = "The request took so long that its key was given to a repeated one: repeat it."

_ASK_TO_REPEAT = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
"""The refusals that are not about the request itself: sent again, the same request may succeed."""
_OF_ONE_RESPONSE = frozenset({"content-length", "set-cookie"})
"""The headers that are not stored. Credentials are for their receiver alone."""


class Answer(NamedTuple):
    """The answer to the first request with a key."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class Lease(NamedTuple):
    """The right to handle the request with a key."""

    key: str
    token: str
    """Differs from that of each other lease: a request whose lease is over cannot store anything any more."""


class Entry(NamedTuple):
    """What is known of a key that another request has taken."""

    fingerprint: str
    answer: Answer | None
    """None as long as that request is running."""


class Keys(Protocol):
    """Stores keys, with the answers to their requests."""

    def unit_of_work(self) -> AbstractContextManager[None]:
        """Returns the unit of work by which the service stores its changes."""

    def take(self, key: str, fingerprint: str) -> Lease | Entry:
        """Takes a key, visibly for others at once, or returns what is known of it.

        A key can be taken if nobody has, if it is too old, or if the lease of the same request is over.

        Args:
            key: 64 characters.
            fingerprint: of the request, 64 characters.
        """

    def keep(self, lease: Lease, answer: Answer) -> bool:
        """Stores an answer, in the unit of work that is open; returns whether the lease was still valid."""

    def release(self, lease: Lease) -> None:
        """Gives a key back whose request has no answer to be kept; if that fails, the lease ends by itself."""


Respond = Callable[[dict[str, Any], Mapping[str, Any]], Response]
"""Answers a request, of which it gets the arguments and what security functions have found out."""


def takes_keys(operation: Operation) -> bool:
    """Whether an operation declares the header, and needs it."""
    return operation.method in METHODS and operation.has_header(HEADER.lower())


def answering_once(respond: Respond, operation: str, keys: Keys) -> Respond:
    """Returns a function that answers requests with the same key as the first of them.

    Args:
        respond: calls the handler.
        operation: method and path; each operation has keys of its own.
        keys: stores the keys.
    """

    def answer(arguments: dict[str, Any], context: Mapping[str, Any]) -> Response:
        given = request.headers.get(HEADER)
        if given is None:
            return respond(arguments, context)
        if not 0 < len(given) <= MAX_KEY_LENGTH:
            detail = f"has to have 1 to {MAX_KEY_LENGTH} characters"
            raise InvalidRequestError([Violation("header", pointer([HEADER]), detail)])
        parts = request.method, request.path, request.query_string, request.get_data()
        fingerprint = _digest(*parts)
        taken = keys.take(_digest(operation, _caller(context), given), fingerprint)
        if isinstance(taken, Lease):
            return _first(lambda: respond(arguments, context), keys, taken)
        return _repeated(taken, fingerprint)

    return answer


class _RefusedError(Exception):
    """Takes back what a request has changed that is refused."""


def _first(respond: Callable[[], Response], keys: Keys, lease: Lease) -> Response:
    """Answers the first request with a key.

    Raises:
        Conflict: the lease was over before the answer was stored; nothing has changed.
    """
    try:
        return _handled(respond, keys, lease)
    except Exception:
        keys.release(lease)
        raise


def _handled(respond: Callable[[], Response], keys: Keys, lease: Lease) -> Response:
    try:
        with keys.unit_of_work():
            response = _responded(respond)
            if response.status_code >= HTTPStatus.BAD_REQUEST:
                raise _RefusedError
            _keep(response, keys, lease)
    except _RefusedError:
        if _is_kept(response):
            with keys.unit_of_work():
                _keep(response, keys, lease)
        else:
            keys.release(lease)
    return response


def _responded(respond: Callable[[], Response]) -> Response:
    try:
        return respond()
    except Exception as error:
        # Raises the error again if nothing answers it.
        return current_app.make_response(current_app.handle_user_exception(error))


def _is_kept(refusal: Response) -> bool:
    code = refusal.status_code
    return code < HTTPStatus.INTERNAL_SERVER_ERROR and code not in _ASK_TO_REPEAT


def _keep(response: Response, keys: Keys, lease: Lease) -> None:
    # A response that is streamed could not be sent a second time.
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) > MAX_BODY_BYTES:
        raise RuntimeError(f"an answer to a key is larger than {MAX_BODY_BYTES} bytes")
    headers = [pair for pair in response.headers if pair[0].lower() not in _OF_ONE_RESPONSE]
    if not keys.keep(lease, Answer(response.status_code, headers, body)):
        raise Conflict(TAKEN_OVER)


def _repeated(entry: Entry, fingerprint: str) -> Response:
    """Answers a request whose key another one has taken.

    Raises:
        UnprocessableEntity: it is another request.
    """
    if entry.fingerprint != fingerprint:
        raise UnprocessableEntity(OTHER_KEY)
    if entry.answer is None:
        response = problem(HTTPStatus.CONFLICT, RUNNING)
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    response = current_app.response_class(entry.answer.body, entry.answer.status)
    response.headers = Headers([*entry.answer.headers, (REPLAYED, "true")])
    return response


def _caller(context: Mapping[str, Any]) -> str:
    """Returns who sends the request, as its security function says: the `sub` or `uid`, or all that it has found out."""
    user = context.get("user")
    return json.dumps(
        context.get("token_info") if user is None else [user], sort_keys=True, default=str
    )


def _digest(*parts: str | bytes) -> str:
    """Returns 64 characters that differ for different parts."""
    digest = sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else part.encode(errors="surrogateescape")
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()
