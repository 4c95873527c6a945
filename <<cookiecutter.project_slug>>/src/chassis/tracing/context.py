"""The trace context of a request: its trace id finds all log lines of the request.

The request continues the trace of its caller, whether the caller sends W3C Trace Context
(https://www.w3.org/TR/trace-context/) or B3 (https://github.com/openzipkin/b3-propagation), in one header or in several.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, has_request_context, request
from werkzeug.datastructures import Headers

# Later versions may have more at the end, the first one does not.
_TRACEPARENT = re.compile(
    r"(?!ff)(?!00.{53}-)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?"
)
_B3 = re.compile(r"([0-9a-f]{16}|[0-9a-f]{32})-([0-9a-f]{16})(-.*)?")
_ENVIRON_KEY = "trace_context"


class TraceContext(NamedTuple):
    """Ids in lower-case hexadecimal digits; empty outside a request."""

    trace_id: str = ""
    span_id: str = ""
    parent_span_id: str = ""


def init_app(app: Flask) -> None:
    """Gives each request a trace context."""
    app.before_request(begin_request)


def begin_request() -> None:
    """Gives the current request a trace context, in the trace of its caller or in a new trace."""
    begin_span(*extract(request.headers))


def begin_span(trace_id: str, parent_span_id: str) -> None:
    """Gives the current request a trace context with a new span id.

    Args:
        trace_id: the trace of the caller; empty to begin a new trace.
        parent_span_id: the span of the caller; empty if there is none.
    """
    trace_id = trace_id or secrets.token_hex(16)
    set_current(TraceContext(trace_id, secrets.token_hex(8), parent_span_id))


def extract(headers: Headers) -> tuple[str, str]:
    """Returns the trace id and the span id of the caller; two empty strings if the headers have no valid ones."""
    match = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    if match is None:
        multiple = f"{headers.get('X-B3-TraceId', '')}-{headers.get('X-B3-SpanId', '')}"
        match = _B3.fullmatch(headers.get("b3", multiple).lower())
    if match is None or not int(match[1], 16) or not int(match[2], 16):
        return "", ""
    return match[1].zfill(32), match[2]


def current() -> TraceContext:
    """Returns the trace context of the current request."""
    if not has_request_context():
        return TraceContext()
    context: TraceContext = request.environ.get(_ENVIRON_KEY, TraceContext())
    return context


def from_access_log(atoms: Any) -> TraceContext:
    """Returns the trace context of a finished request from the atoms of gunicorn's access log."""
    if not isinstance(atoms, Mapping):
        return TraceContext()
    keys = [f"{{{_ENVIRON_KEY}.{field}}}e" for field in TraceContext._fields]
    return TraceContext(*(atoms.get(key, "") for key in keys))


def set_current(context: TraceContext) -> None:
    """Sets the trace context of the current request."""
    request.environ[_ENVIRON_KEY] = context
    # gunicorn writes its access line when the request is over and only the environ is left.
    for field, value in context._asdict().items():
        request.environ[f"{_ENVIRON_KEY}.{field}"] = value
