"""Calls to other services by HTTP."""

from .session import (
    CircuitOpenError,
    TooManyCallsError,
    UpstreamError,
    UpstreamSession,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
    init_app,
)

__all__ = [
    "CircuitOpenError",
    "TooManyCallsError",
    "UpstreamError",
    "UpstreamSession",
    "UpstreamTimeoutError",
    "UpstreamUnavailableError",
    "init_app",
]
