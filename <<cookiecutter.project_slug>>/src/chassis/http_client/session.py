"""Calls to other services: a `requests.Session` for each, which fails early and with one kind of error.

Each call has timeouts, safe retries, a circuit breaker and a limit of concurrent calls.
"""

import math
import os
import threading
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import gevent
import requests
from flask import Flask, Response, current_app, request
from urllib3.exceptions import ReadTimeoutError

from .. import calls, tracing
from ..calls import (
    AnswerTooLargeError,
    Budget,
    Call,
    CircuitBreaker,
    FaultyAdapter,
    RetryingAdapter,
)
from ..contract import problem
from ..settings.upstreams import UpstreamSettings

RETRY_AFTER_SECONDS = 1.0


class UpstreamError(Exception):
    """A call to an upstream has failed."""

    status = HTTPStatus.BAD_GATEWAY
    text = "gave an answer that cannot be used"

    def __init__(self, upstream: str, retry_after: float | None = None) -> None:
        super().__init__(f"{upstream} {self.text}.")
        self.retry_after = retry_after


class UpstreamUnavailableError(UpstreamError):
    """The upstream could not be reached."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    text = "is not available at the moment"

    def __init__(self, upstream: str, retry_after: float = RETRY_AFTER_SECONDS) -> None:
        super().__init__(upstream, retry_after)


class CircuitOpenError(UpstreamUnavailableError):
    """The upstream has failed too often; the call was not made."""


class TooManyCallsError(UpstreamUnavailableError):
    """The limit of concurrent calls is reached; the call was not made."""


class UpstreamTimeoutError(UpstreamError):
    """The upstream did not answer in time."""

    status = HTTPStatus.GATEWAY_TIMEOUT
    text = "did not answer in time"


class DeadlineExceededError(UpstreamTimeoutError):
    """The deadline of the request came before a timeout of the upstream."""


class UpstreamAnswerTooLargeError(UpstreamError):
    """The answer of the upstream is larger than the limit."""

    text = "gave an answer that is too large"


class UpstreamSession(requests.Session):
    """A session whose URLs are paths of one service; all greenlets share it.

    A call raises `UpstreamError`, also for an answer with a 5xx status.
    """

    def __init__(self, name: str, settings: UpstreamSettings) -> None:
        """Creates a session; the first call connects.

        Args:
            name: the name of the upstream, for errors and logs.
            settings: the URL, the timeouts and the limits of the upstream.
        """
        super().__init__()
        self.name = name
        self.breaker = CircuitBreaker(name, settings.failures, settings.reset_after)
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._budget = Budget()
        self._calls = threading.BoundedSemaphore(settings.max_calls)
        # No credentials or proxies of the machine, and no cookies from one request in another.
        self.trust_env = False
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = FaultyAdapter if settings.has_faults else RetryingAdapter
        self.mount(self._url, adapter(settings, self._budget))

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """Calls the service.

        Args:
            method: an HTTP method. Calls are repeated if the method is idempotent, or if they have an
                `Idempotency-Key` header.
            url: a path.
            options: the options of `requests`; timeouts and redirects are decided here, and the body is
                read at once.

        Raises:
            CircuitOpenError: the upstream has failed too often.
            TooManyCallsError: `max_calls` calls are in progress.
            UpstreamUnavailableError: the upstream cannot be reached.
            UpstreamTimeoutError: the upstream did not answer within its timeouts.
            DeadlineExceededError: the upstream did not answer before the deadline of the request.
            UpstreamAnswerTooLargeError: the answer has more than `max_answer_bytes`.
            UpstreamError: the answer is broken, or has a 5xx status.
        """
        left = calls.remaining()
        seconds = self._settings.timeout if left is None else min(self._settings.timeout, left)
        if seconds <= 0:
            raise DeadlineExceededError(self.name)
        if not self._calls.acquire(blocking=False):
            raise TooManyCallsError(self.name)
        try:
            return self._call_with_breaker(method, url, seconds, options)
        finally:
            self._calls.release()

    def _call_with_breaker(
        self, method: str, url: str, seconds: float, options: dict[str, Any]
    ) -> requests.Response:
        if wait := self.breaker.admit():
            raise CircuitOpenError(self.name, wait)
        try:
            response = self._call_with_limits(method, url, seconds, options)
        except UpstreamAnswerTooLargeError:
            # The upstream answers.
            self.breaker.report(success=True)
            raise
        except DeadlineExceededError:
            # A call that was cut short says nothing about the upstream.
            self.breaker.release()
            raise
        except UpstreamError:
            self.breaker.report(success=False)
            raise
        except BaseException:
            self.breaker.release()
            raise
        success = response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
        self.breaker.report(success=success)
        if not success:
            raise UpstreamError(self.name)
        return response

    def _call_with_limits(
        self, method: str, url: str, seconds: float, options: dict[str, Any]
    ) -> requests.Response:
        self._budget.earn()
        call = Call(self._settings, seconds)
        headers = {**_trace_headers(), **(options.pop("headers", None) or {})}
        fixed = {"timeout": call.timeouts, "allow_redirects": False, "stream": True}
        # requests limits each wait for a piece; this limits the whole, retries included.
        limit = gevent.Timeout(seconds)
        try:
            with limit, call.as_current():
                target = f"{self._url}/{url.lstrip('/')}"
                return super().request(method, target, headers=headers, **{**options, **fixed})
        except gevent.Timeout as timeout:
            if timeout is not limit:
                raise
            raise self._timed_out(call, self._settings.timeout) from None
        except requests.ConnectTimeout as error:
            raise self._timed_out(call, self._settings.connect_timeout) from error
        except requests.Timeout as error:
            raise self._timed_out(call, self._settings.read_timeout) from error
        except AnswerTooLargeError:
            raise UpstreamAnswerTooLargeError(self.name) from None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            raise UpstreamError(self.name) from None
        except requests.ConnectionError as error:
            if _is_timeout(error):
                raise self._timed_out(call, self._settings.read_timeout) from error
            raise UpstreamUnavailableError(self.name) from error

    def _timed_out(self, call: Call, timeout: float) -> UpstreamTimeoutError:
        """Returns the error of a call that took too long, by the upstream or for the deadline.

        Args:
            call: the call, which ended without an answer.
            timeout: the timeout of the upstream, in seconds, for the step that took too long.
        """
        if call.failed or call.seconds >= timeout:
            return UpstreamTimeoutError(self.name)
        return DeadlineExceededError(self.name)


def init_app(app: Flask) -> None:
    """Answers a request with 502, 503 or 504 if a call to an upstream has failed."""
    app.register_error_handler(UpstreamError, _upstream_problem)
    app.register_error_handler(requests.HTTPError, _unusable_answer)
    app.register_error_handler(requests.JSONDecodeError, _unusable_answer)


def _trace_headers() -> dict[str, str]:
    context = tracing.current()
    if not context.trace_id:
        return {}
    # The service that began the trace has decided whether it is sampled.
    received = request.headers.get("traceparent", "")
    flags = received[53:55] if received[3:35] == context.trace_id else "01"
    return {"traceparent": f"00-{context.trace_id}-{context.span_id}-{flags}"}


def _is_timeout(error: requests.ConnectionError) -> bool:
    # requests reports it in this way after retries, or in the middle of an answer.
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), ReadTimeoutError)


def _upstream_problem(error: UpstreamError) -> Response:
    # Without the text of the cause, which has the query.
    current_app.logger.warning("%s (%s)", error, type(error.__cause__ or error).__name__)
    response = problem(error.status, str(error))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _unusable_answer(error: requests.RequestException) -> Response:
    """Answers a request whose handler could not use an answer: `raise_for_status()`, `json()`."""
    status = error.response.status_code if error.response is not None else "unknown"
    current_app.logger.warning("%s, status %s", type(error).__name__, status)
    return problem(HTTPStatus.BAD_GATEWAY, "Another service gave an answer that cannot be used.")
