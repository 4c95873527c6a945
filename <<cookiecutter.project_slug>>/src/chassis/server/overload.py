"""Overload: a request that would wait too long is refused at once, so that the others are answered in time.

Without it each request waits a little longer than the one before, until all are answered after their clients have given
up: https://queue.acm.org/detail.cfm?id=2209336. A request waits in two places. What it has waited before it is handled, in the
system and in the worker, is the age of its last byte; what it will wait for while it is handled, `queue` tells.
"""

import json
import socket
import struct
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

from flask import Flask
from werkzeug.datastructures import EnvironHeaders

from .. import tracing
from ..settings import ServerSettings

EXTENSION = "overload"
PROBES = frozenset({"/livez", "/readyz", "/healthcheck"})
RETRY_AFTER_SECONDS = 2
DETAIL = "The service has too much to do at the moment."
# The part of the longest wait from which on a worker accepts many connections at a time.
BUSY = 0.2

# Linux tells the milliseconds since the last data in this place of `tcp_info`, in <linux/tcp.h>.
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_LAST_DATA_RECEIVED = struct.Struct("52xI")


class Observer(Protocol):
    """The module that counts."""

    exempt: frozenset[str]
    """Paths that are always answered, besides the probes."""

    def waited(self, seconds: float) -> None:
        """Counts a request with its wait."""

    def refused(self, method: str) -> None:
        """Counts a refused request."""


class Admission:
    """Decides which requests a worker handles."""

    busy = False
    """Whether the last request had to wait for long."""

    def __init__(
        self,
        max_wait: float,
        max_running: int,
        *,
        queue: Callable[[], float] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Takes the limits.

        Args:
            max_wait: seconds.
            max_running: requests that are handled at once.
            queue: returns the seconds that a new request will wait for what it needs.
            observer: counts waits and refusals.
        """
        self._max_wait = max_wait
        self._max_running = max_running
        self._queue = queue
        self._observer = observer
        self._running = 0

    def admits(self, age: float, method: str) -> bool:
        """Whether a request is to be handled.

        Args:
            age: seconds that it has waited.
            method: its method, for the count.
        """
        wait = age + self._queue() if self._queue else age
        self.busy = wait > self._max_wait * BUSY
        if self._observer:
            self._observer.waited(wait)
        if wait <= self._max_wait and self._running < self._max_running:
            return True
        if self._observer:
            self._observer.refused(method)
        return False

    def begin(self) -> None:
        """Counts a request that is handled from now on."""
        self._running += 1

    def end(self) -> None:
        """Counts a request that is answered."""
        self._running -= 1


def init_app(
    app: Flask,
    settings: ServerSettings,
    *,
    queue: Callable[[], float] | None = None,
    observer: Observer | None = None,
) -> None:
    """Refuses requests that would wait too long, before anything else is done for them.

    Args:
        app: the application.
        settings: the longest wait, and how many requests are handled at once.
        queue: returns the seconds that a new request will wait for what it needs.
        observer: the module that counts waits and refusals.
    """
    if not settings.max_wait:
        return
    admission = Admission(
        settings.max_wait, settings.worker_connections, queue=queue, observer=observer
    )
    app.extensions[EXTENSION] = admission
    exempt = PROBES | observer.exempt if observer else PROBES
    serve: Any = app.wsgi_app

    def admit(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] in exempt:
            return serve(environ, start_response)
        if not admission.admits(age(environ.get("gunicorn.socket")), environ["REQUEST_METHOD"]):
            return refuse(environ, start_response)
        admission.begin()
        try:
            return serve(environ, start_response)
        finally:
            admission.end()

    app.wsgi_app = admit  # type: ignore[method-assign]


def age(client: Any) -> float:
    """Returns the seconds since a client has sent the last byte; 0 where the system does not tell."""
    if client is None or _TCP_INFO is None:
        return 0.0
    try:
        information = client.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _LAST_DATA_RECEIVED.size)
        milliseconds: int = _LAST_DATA_RECEIVED.unpack(information)[0]
    except (OSError, struct.error):
        return 0.0  # a socket of another kind, or another system
    return milliseconds / 1000


def refuse(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with a problem document (RFC 9457) that asks to come back later."""
    trace_id = tracing.begin_refusal(environ, EnvironHeaders(environ))
    status = HTTPStatus.SERVICE_UNAVAILABLE
    path = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
    document = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "detail": DETAIL,
        "instance": quote(path, encoding="latin-1"),
        "trace": trace_id,
    }
    body = json.dumps(document).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(RETRY_AFTER_SECONDS)),
    ]
    start_response(f"{status.value} {status.phrase}", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
