"""Metrics: every request is counted, under a bounded number of labels."""

from collections.abc import Callable

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from prometheus_client import REGISTRY

from chassis import metrics
from chassis.settings.metrics import MetricsSettings


def make_client(bind: str) -> FlaskClient:
    app = Flask(__name__)
    metrics.init_app(app, MetricsSettings(bind=bind), "things", "1.0")
    app.add_url_rule("/good/<int:number>", "good", lambda number: str(number))
    app.add_url_rule("/bad", "bad", lambda: abort(418))
    app.add_url_rule("/bug", "bug", lambda: str(1 / 0))
    return app.test_client()


@pytest.fixture
def client() -> FlaskClient:
    return make_client("127.0.0.1:8081")


@pytest.fixture
def count() -> Callable[..., float]:
    """Tells how often something was counted since the start of the test."""
    name = "http_requests_total"
    before = {
        frozenset(sample.labels.items()): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == name
    }

    def counted(**labels: str) -> float:
        value = REGISTRY.get_sample_value(name, labels) or 0
        return value - before.get(frozenset(labels.items()), 0)

    return counted


def test_requests_are_counted_by_the_template_of_their_path(
    client: FlaskClient, count: Callable[..., float]
) -> None:
    for number in range(3):
        client.get(f"/good/{number}")
    client.get("/bad")
    client.get("/bug")
    assert count(method="GET", path="/good/{number}", status="200") == 3
    assert count(method="GET", path="/bad", status="418") == 1
    assert count(method="GET", path="/bug", status="500") == 1


def test_what_clients_make_up_has_one_label(
    client: FlaskClient, count: Callable[..., float]
) -> None:
    for number in range(3):
        client.get(f"/unknown/{number}")
        client.open("/unknown", method=f"METHOD{number}")
    assert count(method="GET", path="unknown", status="404") == 3
    assert count(method="other", path="unknown", status="404") == 3


def test_no_request_stays_in_progress(client: FlaskClient) -> None:
    for path in ("/good/1", "/bad", "/bug", "/unknown"):
        client.get(path)
    values = [
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "http_requests_in_progress"
        for sample in metric.samples
    ]
    assert values
    assert set(values) == {0}


def test_metrics_with_an_address_of_their_own_are_not_served_by_the_api(
    client: FlaskClient,
) -> None:
    assert client.get("/metrics").status_code == 404


def test_metrics_without_an_address_are_served_by_the_api() -> None:
    client = make_client("")
    client.get("/good/1")
    response = client.get("/metrics")
    assert response.mimetype == "text/plain"
    for name in (
        'http_requests_total{method="GET",path="/good/{number}",status="200"}',
        'http_request_duration_seconds_bucket{le="0.005",method="GET",path="/good/{number}"',
        'http_requests_in_progress{method="GET",path="/metrics"} 1.0',
        "build_info{",
    ):
        assert name in response.text
