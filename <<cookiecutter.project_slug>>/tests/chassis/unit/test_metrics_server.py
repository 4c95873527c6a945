"""The server of the metrics: what it answers, and what it knows of gunicorn's processes."""

import os
from types import SimpleNamespace

import pytest
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from prometheus_client import CollectorRegistry, Gauge
from werkzeug.test import Client

from chassis.metrics import server as metrics_server


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def client(registry: CollectorRegistry) -> Client:
    Gauge("answer", "The answer", registry=registry).set(42)
    return Client(metrics_server.application(registry))


def test_it_serves_the_metrics_and_nothing_else(client: Client) -> None:
    page = client.get("/metrics")
    assert (page.status_code, page.mimetype) == (200, "text/plain")
    assert "\nanswer 42.0\n" in page.text
    assert (client.head("/metrics").status_code, client.head("/metrics").text) == (200, "")
    for method in ("POST", "OPTIONS"):
        assert client.open("/metrics", method=method).status_code == 405
    for path in ("/", "/metrics/", "/favicon.ico", "/livez"):
        assert client.get(path).status_code == 404


def test_it_keeps_no_connection_open(client: Client) -> None:
    for path in ("/metrics", "/"):
        assert client.get(path).headers["Connection"] == "close"


def test_it_tells_how_many_workers_there_are_and_were(
    registry: CollectorRegistry, gunicorn_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    arbiter = Arbiter(SimpleNamespace(cfg=gunicorn_config))
    monkeypatch.setattr(arbiter, "worker_age", 5)
    monkeypatch.setattr(arbiter, "WORKERS", {1: "first", 2: "second"})
    registry.register(metrics_server.ArbiterCollector(arbiter))
    assert registry.get_sample_value("gunicorn_workers") == 2
    assert registry.get_sample_value("gunicorn_workers_started_total") == 5


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="there is no /proc to read")
def test_it_tells_what_each_process_uses(registry: CollectorRegistry) -> None:
    # The parent stands in for a worker; a worker may also be gone already.
    arbiter = SimpleNamespace(WORKERS={os.getppid(): "worker", 2**30: "gone"}, worker_age=2)
    registry.register(metrics_server.ArbiterCollector(arbiter))
    pids = {str(os.getpid()), str(os.getppid())}
    families = [family for family in registry.collect() if family.name.startswith("process_")]
    assert {sample.name for family in families for sample in family.samples} == {
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "process_virtual_memory_bytes",
    }
    for family in families:
        assert {sample.labels["pid"] for sample in family.samples} == pids
