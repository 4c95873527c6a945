"""Calls to other services by HTTP."""

from .session import (
    CircuitOpenError,
    DeadlineExceededError,
    TooManyCallsError,
    UpstreamAnswerTooLargeError,
    UpstreamError,
    UpstreamSession,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
    init_app,
)

__all__ = [
    "CircuitOpenError",
    "DeadlineExceededError",
    "TooManyCallsError",
    "UpstreamAnswerTooLargeError",
    "UpstreamError",
    "UpstreamSession",
    "UpstreamTimeoutError",
    "UpstreamUnavailableError",
    "init_app",
]
