"""The trace context of a request (W3C Trace Context): one id that finds all its log lines."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, has_request_context, request

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?")
_ENVIRON_KEY = "trace_ids"


class TraceIds(NamedTuple):
    """Ids in lower-case hexadecimal digits; empty outside a request."""

    trace: str = ""
    span: str = ""
    parent: str = ""


def init_app(app: Flask) -> None:
    """Gives each request its ids: the caller's trace if it sends a `traceparent`, else a new one."""
    app.before_request(_start)


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


def _start() -> None:
    trace, parent = _remote_ids(request.headers.get("traceparent", ""))
    ids = TraceIds(trace or secrets.token_hex(16), secrets.token_hex(8), parent)
    request.environ[_ENVIRON_KEY] = ids
    # gunicorn writes its access line when the request is over and only the environ is left.
    for name, value in ids._asdict().items():
        request.environ[f"{_ENVIRON_KEY}.{name}"] = value


def _remote_ids(traceparent: str) -> tuple[str, str]:
    match = _TRACEPARENT.fullmatch(traceparent)
    if match is None or not int(match[1], 16) or not int(match[2], 16):
        return "", ""
    return match[1], match[2]
