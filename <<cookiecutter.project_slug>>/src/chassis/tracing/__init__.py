"""The trace of a request: its ids, whatever makes spans of it."""

from .context import TraceIds, begin, begin_below, caller, ids, ids_of_access, init_app, remember

__all__ = [
    "TraceIds",
    "begin",
    "begin_below",
    "caller",
    "ids",
    "ids_of_access",
    "init_app",
    "remember",
]
