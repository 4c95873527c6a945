"""OpenTelemetry: a statement has a span below that of its request, also with this SQLAlchemy."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.chassis.domain.settings import Settings

from chassis.tracing.opentelemetry import sdk as opentelemetry_sdk


@pytest.fixture
def traced(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    make_app: Callable[..., Flask],
    provider: TracerProvider,
) -> Iterator[Flask]:
    monkeypatch.setenv(opentelemetry_sdk.CONVENTIONS, "http,database")
    for variable, value in opentelemetry_sdk.DEFAULTS.items():
        monkeypatch.setenv(variable, value)
    yield make_app(settings, tracer_provider=provider)
    SQLAlchemyInstrumentor().uninstrument()


def test_a_statement_is_below_its_request(traced: Flask, kept: InMemorySpanExporter) -> None:
    traced.test_client().get("/v1/things")
    *inner, request = kept.get_finished_spans()
    assert request.name == "GET /v1/things"
    (select,) = [span for span in inner if "SELECT" in span.name]
    assert select.parent
    assert select.parent.span_id == request.context.span_id
    assert str((select.attributes or {})["db.query.text"]).startswith("SELECT")


def test_the_statements_of_probes_have_none(traced: Flask, kept: InMemorySpanExporter) -> None:
    assert traced.test_client().get("/readyz").status_code == 200
    assert not kept.get_finished_spans()


def test_a_statement_that_fails_quotes_no_value(traced: Flask, kept: InMemorySpanExporter) -> None:
    body = {"name": "Private"}
    path = "/v1/things"
    client = traced.test_client()
    assert [client.post(path, json=body).status_code for _ in range(2)] == [201, 409]
    spans = [span.to_json() for span in kept.get_finished_spans()]
    assert [text for text in spans if "ERROR" in text]
    assert not [text for text in spans if "Private" in text]
