"""The metrics of overload."""

from prometheus_client import REGISTRY

from chassis.metrics import overload


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_waits_are_counted() -> None:
    count = value("http_request_wait_seconds_count")
    total = value("http_request_wait_seconds_sum")
    overload.waited(0.25)
    assert value("http_request_wait_seconds_count") == count + 1
    assert value("http_request_wait_seconds_sum") == total + 0.25


def test_a_refusal_is_counted_as_an_answer_too() -> None:
    labels = {"method": "other", "path": "unknown", "status": "503"}
    before = value("http_requests_refused_total"), value("http_requests_total", **labels)
    overload.refused("BREW")
    assert value("http_requests_refused_total") == before[0] + 1
    assert value("http_requests_total", **labels) == before[1] + 1
