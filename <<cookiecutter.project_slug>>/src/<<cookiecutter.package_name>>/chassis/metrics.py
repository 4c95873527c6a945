"""Prometheus metrics of the requests, the same from whichever worker they are asked."""

import os
import platform
import time

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
from prometheus_client.multiprocess import MultiProcessCollector

from .. import SERVICE_NAME, SERVICE_VERSION
from ..settings import MetricsSettings
from . import routes

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"

# Labels are bounded: what no route or method matches is counted under one value.
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


def init_app(app: Flask, settings: MetricsSettings) -> None:
    """Measures every request; serves the metrics if they have no address of their own."""
    BUILD_INFO.labels(SERVICE_NAME, SERVICE_VERSION, platform.python_version()).set(1)
    if not settings.bind:
        app.add_url_rule("/metrics", "metrics", _expose)
    app.before_request(_start)
    app.after_request(_count)
    app.teardown_request(_finish)


def _start() -> None:
    method = request.method if request.method in METHODS else OTHER_METHOD
    path = routes.path_template() or UNKNOWN_PATH
    g.metric_labels = method, path
    g.started = time.perf_counter()
    IN_PROGRESS.labels(method, path).inc()


def _count(response: Response) -> Response:
    if "metric_labels" in g:
        labels = (*g.metric_labels, response.status_code)
        REQUESTS.labels(*labels).inc()
        DURATION.labels(*labels).observe(time.perf_counter() - g.started)
    return response


def _finish(error: BaseException | None = None) -> None:
    if "metric_labels" in g:
        IN_PROGRESS.labels(*g.metric_labels).dec()


def _expose() -> Response:
    registry = REGISTRY
    if MULTIPROCESS_DIR in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
