"""Spans in the log: each is a line with the attributes of the span, without secrets."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind, Tracer

from chassis import logs
from chassis.tracing.opentelemetry.log import LogExporter


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(LogExporter()))
    yield provider.get_tracer("test")
    provider.shutdown()


@pytest.fixture
def handler() -> Iterator[logging.StreamHandler[io.StringIO]]:
    made = logging.StreamHandler(io.StringIO())
    root = logging.getLogger()
    before = root.level
    root.addHandler(made)
    # Spans are written all the same.
    root.setLevel(logging.ERROR)
    yield made
    root.setLevel(before)
    root.removeHandler(made)


def mix(tracer: Tracer) -> None:
    with tracer.start_as_current_span("work", kind=SpanKind.SERVER) as work:
        work.set_attribute("name", "red")
        work.set_attribute("http.request.header.authorization", ["Basic hunter2"])
        with pytest.raises(ZeroDivisionError), tracer.start_as_current_span("mix"):
            print(1 / 0)


def test_a_span_is_a_json_object(
    tracer: Tracer, handler: logging.StreamHandler[io.StringIO]
) -> None:
    handler.setFormatter(logs.JsonFormatter("things"))
    mix(tracer)
    inner, outer = (json.loads(line) for line in handler.stream.getvalue().splitlines())
    assert set(outer) > logs.FIELDS
    assert (inner["message"], outer["message"]) == ("span mix", "span work")
    assert (inner["trace"], inner["parent"]) == (outer["trace"], outer["span"])
    assert len(inner["span"]) == 16
    assert outer["parent"] == ""
    assert (outer["kind"], inner["kind"]) == ("server", "internal")
    assert 0 < inner["duration_ms"] < outer["duration_ms"]
    expected = {"name": "red", "http.request.header.authorization": "***"}
    assert outer["attributes"] == expected
    assert inner["error"] == "ZeroDivisionError: division by zero"
    assert inner["events"][0]["attributes"]["exception.type"] == "ZeroDivisionError"
    assert "error" not in outer


def test_a_span_is_a_line_for_people(
    tracer: Tracer, handler: logging.StreamHandler[io.StringIO]
) -> None:
    handler.setFormatter(logs.ConsoleFormatter())
    mix(tracer)
    inner, outer = handler.stream.getvalue().splitlines()
    assert " chassis.tracing.opentelemetry.log: span work kind=server duration_ms=" in outer
    context = dict(pair.split("=") for pair in inner.split(" ")[-3:])
    assert set(context) == {"trace", "span", "parent"}
    assert f" span={context['parent']}" in outer
