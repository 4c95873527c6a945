"""Deadlines: a request is answered in time, and whom it calls learns how much time is left.

The header is the one of Envoy, so that a service mesh understands it:
https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter
"""

import time

from flask import Flask, g, has_request_context, request

HEADER = "X-Envoy-Expected-Rq-Timeout-Ms"


def init_app(app: Flask, seconds: float) -> None:
    """Gives each request a deadline: its caller's, if that is sooner.

    Args:
        app: the application.
        seconds: how long a request may take at most.
    """

    def begin() -> None:
        told = request.headers.get(HEADER, "")
        given = int(told) / 1000 if told.isdecimal() and len(told) < 10 else seconds
        g.deadline = time.monotonic() + min(given, seconds)

    app.before_request(begin)


def remaining() -> float | None:
    """Returns the seconds left for the current request, negative ones too; None outside of one."""
    if not has_request_context() or "deadline" not in g:
        return None
    left: float = g.deadline - time.monotonic()
    return left
