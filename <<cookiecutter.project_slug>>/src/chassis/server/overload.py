"""Overload: a request that has waited too long is refused instead of handled, so that those behind it are answered in time.

Without it each request waits a little longer than the one before, until all are answered after their clients have given
up: https://queue.acm.org/detail.cfm?id=2209336. A request waits in the system, where the age of its last byte tells for how
long, and then at the gate.
"""

import json
import socket
import struct
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote

from flask import Flask
from gevent import monkey
from werkzeug.datastructures import EnvironHeaders

from .. import tracing, waits
from ..settings import ServerSettings
from .gate import Gate

EXTENSION = "overload"
PROBES = frozenset({"/livez", "/readyz", "/healthcheck"})
RETRY_AFTER_SECONDS = 2
DETAIL = "The service has too much to do at the moment."

# Linux tells the milliseconds since the last data in this place of `tcp_info`, in <linux/tcp.h>.
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_LAST_DATA_RECEIVED = struct.Struct("52xI")


class Observer(Protocol):
    """The module that counts."""

    exempt: frozenset[str]
    """Paths that are always answered, besides the probes."""

    def waited(self, seconds: float) -> None:
        """Counts a request with its wait, handled or not."""

    def refused(self, method: str) -> None:
        """Counts a refused request."""


def init_app(
    app: Flask,
    settings: ServerSettings,
    *,
    is_crowded: Callable[[], bool] | None = None,
    observer: Observer | None = None,
) -> None:
    """Lets requests wait before anything else is done for them, and refuses those that have waited too long.

    Args:
        app: the application.
        settings: the longest wait, and how many requests a worker has at once.
        is_crowded: whether enough requests that are handled wait already for what all of them need.
        observer: the module that counts waits and refusals.
    """
    if not settings.max_wait or not monkey.is_module_patched("threading"):
        # Servers of development have a thread for each request.
        return
    gate = Gate(settings.max_wait, settings.worker_connections, is_crowded=is_crowded)
    app.extensions[EXTENSION] = gate
    exempt = PROBES | observer.exempt if observer else PROBES
    serve: Any = app.wsgi_app

    def wait(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] in exempt:
            return serve(environ, start_response)
        with gate.request(age(environ.get("gunicorn.socket"))) as admitted:
            environ[waits.KEY] = gate.last_wait
            if observer:
                observer.waited(gate.last_wait)
            if admitted:
                return serve(environ, start_response)
            if observer:
                observer.refused(environ["REQUEST_METHOD"])
            return refuse(environ, start_response)

    app.wsgi_app = wait  # type: ignore[method-assign]


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
