"""The server of the metrics of all workers, in gunicorn's first process."""

import logging
import os
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from gevent import pywsgi, with_timeout
from gevent.pool import Pool
from prometheus_client import CollectorRegistry, Metric, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ..shared_counts import SharedCounts

PATH = "/metrics"
# Hanging clients must not exhaust the file descriptors of the process that starts workers.
MAX_CONNECTIONS = 100
MAX_SECONDS = 30

log = logging.getLogger(__name__)

_servers: list[pywsgi.WSGIServer] = []


class ArbiterCollector(Collector):
    """Metrics of gunicorn's processes, which the workers' shared counts lack."""

    def __init__(self, arbiter: Any) -> None:
        self._arbiter = arbiter

    def collect(self) -> Iterator[Metric]:
        """Yields the numbers of workers, and the resources that each live process uses."""
        yield GaugeMetricFamily("gunicorn_workers", "Worker processes", len(self._arbiter.WORKERS))
        yield CounterMetricFamily(
            "gunicorn_workers_started", "Worker processes ever started", self._arbiter.worker_age
        )
        yield from self._processes()

    def _processes(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for pid in map(str, (os.getpid(), *self._arbiter.WORKERS)):
            for metric in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                family = families.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type)
                )
                for sample in metric.samples:
                    family.add_sample(sample.name, {"pid": pid}, sample.value)
        return families.values()


class Handler(pywsgi.WSGIHandler):
    """A connection that ends after a fixed time, whatever the client does."""

    def handle(self) -> None:
        """Answers the requests of the connection."""
        with_timeout(MAX_SECONDS, super().handle, timeout_value=None)


def start(address: str, arbiter: Any) -> None:
    """Starts to serve the metrics, beside gunicorn's main loop.

    Args:
        address: the address and the port.
        arbiter: the arbiter of gunicorn, which knows the workers.

    Raises:
        OSError: the server cannot listen on the address.
    """
    registry = CollectorRegistry()
    registry.register(SharedCounts())
    registry.register(ArbiterCollector(arbiter))
    server = pywsgi.WSGIServer(
        address,
        application(registry),
        log=None,
        error_log=log,
        spawn=Pool(MAX_CONNECTIONS),
        handler_class=Handler,
    )
    server.start()
    _servers.append(server)


def stop() -> None:
    """Stops the server in this process; a worker calls it, too, because it has inherited the socket."""
    while _servers:
        _servers.pop().stop(timeout=0)


def application(registry: CollectorRegistry) -> Any:
    """Returns a WSGI application that has one page: the metrics of a registry."""
    expose = make_wsgi_app(registry)

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start_last_response(status: str, headers: list[tuple[str, str]]) -> Any:
            # A connection that is kept open would be inherited by the next worker.
            return start_response(status, [*headers, ("Connection", "close")])

        if environ["PATH_INFO"] != PATH:
            start_last_response("404 Not Found", [("Content-Type", "text/plain")])
            return [f"There is only {PATH} here.\n".encode()]
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            start_last_response("405 Method Not Allowed", [("Allow", "GET, HEAD")])
            return []
        body = list(expose({**environ, "REQUEST_METHOD": "GET"}, start_last_response))
        return body if method == "GET" else []

    return answer
