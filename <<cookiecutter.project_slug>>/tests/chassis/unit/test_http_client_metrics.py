"""Metrics of calls: by outcome, and the state of the circuit."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from prometheus_client import REGISTRY

from chassis import http_client
from chassis.http_client import UpstreamError
from chassis.http_client.metrics import OUTCOMES, MeasuredSession
from chassis.settings.upstreams import UpstreamSettings


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def test_a_call_is_counted_by_its_outcome(
    peer: Any, settings_for_peer: Callable[..., UpstreamSettings]
) -> None:
    session = MeasuredSession("measured", settings_for_peer(peer.url, failures=2))
    for status in (200, 404, 500, 500, 200):
        peer.status = status
        with suppress(UpstreamError):
            session.get("/things")
    counted = {
        outcome: value("http_client_calls_total", upstream="measured", outcome=outcome)
        for outcome in ("2xx", "4xx", "error", "circuit_open", "timeout")
    }
    assert counted == {"2xx": 1, "4xx": 1, "error": 2, "circuit_open": 1, "timeout": 0}
    assert value("http_client_call_duration_seconds_count", upstream="measured") == 5
    assert value("http_client_circuit_state", upstream="measured") == 2
    assert value("http_client_calls_in_progress", upstream="measured") == 0


def test_each_error_of_a_call_is_an_outcome() -> None:
    kinds = [kind for kind in vars(http_client).values() if isinstance(kind, type)]
    assert {kind for kind in kinds if issubclass(kind, UpstreamError)} == OUTCOMES.keys()
