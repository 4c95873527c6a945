"""The metrics of all workers at an address of their own, served by gunicorn's first process."""

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
# Clients that hang must not use up the descriptors of the process that starts workers.
MAX_CONNECTIONS = 100
MAX_SECONDS = 30

log = logging.getLogger(__name__)

_servers: list[pywsgi.WSGIServer] = []


class ArbiterCollector(Collector):
    """Metrics of gunicorn's processes, which the workers' shared counts lack."""

    def __init__(self, arbiter: Any) -> None:
        self._arbiter = arbiter

    def collect(self) -> Iterator[Metric]:
        """Yields how many workers there are and were, and what each live process uses."""
        yield GaugeMetricFamily("gunicorn_workers", "Worker processes", len(self._arbiter.WORKERS))
        yield CounterMetricFamily(
            "gunicorn_workers_started", "Worker processes ever started", self._arbiter.worker_age
        )
        yield from self._processes()

    def _processes(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for pid in map(str, (os.getpid(), *self._arbiter.WORKERS)):
            for one in ProcessCollector(pid=partial(str, pid), registry=None).collect():
                family = families.setdefault(
                    one.name, Metric(one.name, one.documentation, one.type)
                )
                for sample in one.samples:
                    family.add_sample(sample.name, {"pid": pid}, sample.value)
        return families.values()


class Handler(pywsgi.WSGIHandler):
    """A connection that ends after some time, whatever the client does."""

    def handle(self) -> None:
        """Answers the requests of the connection."""
        with_timeout(MAX_SECONDS, super().handle, timeout_value=None)


def start(address: str, arbiter: Any) -> None:
    """Serves the metrics from now on, beside gunicorn's main loop.

    Args:
        address: address and port.
        arbiter: gunicorn's, which knows the workers.

    Raises:
        OSError: the address cannot be listened on.
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
    """Stops serving in this process; a worker calls it, too, because it has inherited the socket."""
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
