"""Prometheus metrics of the waits of requests, and of those that are refused because of them."""

from functools import cache

from prometheus_client import Counter, Histogram

from .requests import METHODS, OTHER_METHOD, REQUESTS, UNKNOWN_PATH
from .server import PATH

__all__ = ["exempt", "refused", "waited"]

# Served by the application where the metrics have no address of their own.
exempt = frozenset({PATH})

WAIT = Histogram(
    "http_request_wait_seconds",
    "Time that a request has waited until it was handled or refused",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSED = Counter("http_requests_refused_total", "Requests refused because of overload")


def waited(seconds: float) -> None:
    """Counts a request with its wait, handled or not."""
    WAIT.observe(seconds)


def refused(method: str) -> None:
    """Counts a refused request, which is also an answered one, without a known route."""
    REFUSED.inc()
    _answered(method if method in METHODS else OTHER_METHOD).inc()


@cache
def _answered(method: str) -> Counter:
    return REQUESTS.labels(method, UNKNOWN_PATH, 503)
