"""The trace context of a request, with or without a client that makes spans."""

from .context import (
    TraceContext,
    begin_request,
    begin_span,
    current,
    extract,
    from_access_log,
    init_app,
    set_current,
)

__all__ = [
    "TraceContext",
    "begin_request",
    "begin_span",
    "current",
    "extract",
    "from_access_log",
    "init_app",
    "set_current",
]
