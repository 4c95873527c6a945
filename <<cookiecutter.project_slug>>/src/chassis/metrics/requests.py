"""Prometheus metrics of the requests; each worker returns the metrics of all workers."""

import os
import platform
import time
from functools import cache

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from .. import routes, shared_counts
from ..settings.metrics import MetricsSettings

# Labels are bounded: requests without a known route or method are counted under one value.
UNKNOWN_PATH = "unknown"
OTHER_METHOD = "other"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "path", "status"])
DURATION = Histogram(
    "http_request_duration_seconds", "Time to answer", ["method", "path", "status"]
)
IN_PROGRESS = Gauge(
    "http_requests_in_progress",
    "Requests being answered",
    ["method", "path"],
    multiprocess_mode="livesum",
)
BUILD_INFO = Gauge(
    "build_info",
    "The running build",
    ["service", "version", "python_version"],
    multiprocess_mode="mostrecent",
)


def init_app(app: Flask, settings: MetricsSettings, service: str, version: str) -> None:
    """Measures every request; serves the metrics if they have no other address.

    Args:
        app: the application.
        settings: the settings of the metrics.
        service: the name of the service.
        version: its version.
    """
    BUILD_INFO.labels(service, version, platform.python_version()).set(1)
    if not settings.bind:
        app.add_url_rule("/metrics", "metrics", _expose)
    app.before_request(_start)
    app.after_request(_count)
    app.teardown_request(_finish)


def _start() -> None:
    method = request.method if request.method in METHODS else OTHER_METHOD
    path = routes.path_template() or UNKNOWN_PATH
    g.measured = method, path, time.perf_counter()
    _in_progress(method, path).inc()


def _count(response: Response) -> Response:
    if measured := g.get("measured"):
        method, path, started = measured
        requests, duration = _answered(method, path, response.status_code)
        requests.inc()
        duration.observe(time.perf_counter() - started)
    return response


def _finish(error: BaseException | None = None) -> None:
    if measured := g.get("measured"):
        method, path, _ = measured
        _in_progress(method, path).dec()


# prometheus_client takes a lock to look up a series; the number of label values is small.
@cache
def _in_progress(method: str, path: str) -> Gauge:
    return IN_PROGRESS.labels(method, path)


@cache
def _answered(method: str, path: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, path, status), DURATION.labels(method, path, status)


def _expose() -> Response:
    registry = REGISTRY
    if shared_counts.DIRECTORY in os.environ:
        registry = CollectorRegistry()
        registry.register(shared_counts.SharedCounts())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
