"""Deadlines: a request is answered in time, and its calls pass on how much time is left.

The header is Envoy's, so that a service mesh understands it:
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
"""

import time

from flask import Flask, g, has_request_context, request

HEADER = "X-Envoy-Expected-Rq-Timeout-Ms"


def init_app(app: Flask, seconds: float) -> None:
    """Gives each request a deadline: the caller's, or the service's if that is sooner.

    Args:
        app: the application.
        seconds: how long a request may take at most.
    """

    def begin() -> None:
        header = request.headers.get(HEADER, "")
        timeout = int(header) / 1000 if header.isdecimal() and len(header) < 10 else seconds
        g.deadline = time.monotonic() + min(timeout, seconds)

    app.before_request(begin)


def remaining() -> float | None:
    """Returns the seconds until the deadline of the request, negative after it; None outside a request."""
    if not has_request_context() or "deadline" not in g:
        return None
    left: float = g.deadline - time.monotonic()
    return left
