"""The trace context of a request: one id that finds all its log lines.

A caller's trace goes on, be it told by W3C Trace Context (https://www.w3.org/TR/trace-context/) or
by B3 (https://github.com/openzipkin/b3-propagation), in one header or in several.
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
_ENVIRON_KEY = "trace_ids"


class TraceIds(NamedTuple):
    """Ids in lower-case hexadecimal digits; empty outside a request."""

    trace: str = ""
    span: str = ""
    parent: str = ""


def init_app(app: Flask) -> None:
    """Gives each request its ids."""
    app.before_request(begin)


def begin() -> None:
    """Gives the current request its ids: the trace of its caller if it tells one, else a new one."""
    begin_below(*caller(request.headers))


def begin_below(trace: str, parent: str) -> None:
    """Gives the current request its ids.

    Args:
        trace: that of its caller, or an empty text to begin one.
        parent: the span of its caller, or an empty text.
    """
    remember(TraceIds(trace or secrets.token_hex(16), secrets.token_hex(8), parent))


def caller(headers: Headers) -> tuple[str, str]:
    """Returns the trace and the span that a caller tells; two empty texts if it tells none."""
    match = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    if match is None:
        several = f"{headers.get('X-B3-TraceId', '')}-{headers.get('X-B3-SpanId', '')}"
        match = _B3.fullmatch(headers.get("b3", several).lower())
    if match is None or not int(match[1], 16) or not int(match[2], 16):
        return "", ""
    return match[1].zfill(32), match[2]


def ids() -> TraceIds:
    """Returns the ids of the current request."""
    if not has_request_context():
        return TraceIds()
    found: TraceIds = request.environ.get(_ENVIRON_KEY, TraceIds())
    return found


def ids_of_access(atoms: Any) -> TraceIds:
    """Returns the ids of a finished request from the atoms of gunicorn's access log."""
    if not isinstance(atoms, Mapping):
        return TraceIds()
    return TraceIds(*(atoms.get(f"{{{_ENVIRON_KEY}.{name}}}e", "") for name in TraceIds._fields))


def remember(ids: TraceIds) -> None:
    """Makes these the ids of the current request."""
    request.environ[_ENVIRON_KEY] = ids
    # gunicorn writes its access line when the request is over and only the environ is left.
    for name, value in ids._asdict().items():
        request.environ[f"{_ENVIRON_KEY}.{name}"] = value
