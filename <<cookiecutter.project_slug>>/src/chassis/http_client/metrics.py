"""Prometheus metrics of the calls to other services."""

import time
from typing import Any

import requests
from prometheus_client import Counter, Gauge, Histogram

from ..settings.upstreams import UpstreamSettings
from .session import (
    CircuitOpenError,
    DeadlineExceededError,
    TooManyCallsError,
    UpstreamAnswerTooLargeError,
    UpstreamError,
    UpstreamSession,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)

__all__ = ["MeasuredSession"]

CALLS = Counter("http_client_calls_total", "Calls to other services", ["upstream", "outcome"])
DURATION = Histogram(
    "http_client_call_duration_seconds", "Time of a call with all its retries", ["upstream"]
)
IN_PROGRESS = Gauge(
    "http_client_calls_in_progress",
    "Calls being made",
    ["upstream"],
    multiprocess_mode="livesum",
)
CIRCUIT = Gauge(
    "http_client_circuit_state",
    "Whether calls are made: 0 closed, 1 half-open, 2 open; of the worker where it is worst",
    ["upstream"],
    multiprocess_mode="livemax",
)
OUTCOMES: dict[type[UpstreamError], str] = {
    CircuitOpenError: "circuit_open",
    TooManyCallsError: "too_many",
    UpstreamUnavailableError: "unavailable",
    UpstreamTimeoutError: "timeout",
    DeadlineExceededError: "deadline",
    UpstreamAnswerTooLargeError: "too_large",
    UpstreamError: "error",
}


class MeasuredSession(UpstreamSession):
    """A session whose calls are counted by their outcome."""

    def __init__(self, name: str, settings: UpstreamSettings) -> None:
        super().__init__(name, settings)
        # A rate needs a beginning.
        CALLS.labels(name, "2xx")
        self._circuit = CIRCUIT.labels(name)
        self._circuit.set(self.breaker.state)
        self._duration = DURATION.labels(name)
        self._in_progress = IN_PROGRESS.labels(name)

    def request(  # type: ignore[override]
        self, method: str, url: str, **options: Any
    ) -> requests.Response:
        """Calls the service."""
        outcome = "aborted"
        started = time.perf_counter()
        try:
            with self._in_progress.track_inprogress():
                response = super().request(method, url, **options)
            outcome = f"{response.status_code // 100}xx"
            return response
        except UpstreamError as error:
            outcome = OUTCOMES[type(error)]
            raise
        finally:
            CALLS.labels(self.name, outcome).inc()
            self._duration.observe(time.perf_counter() - started)
            self._circuit.set(self.breaker.state)
