"""The Jaeger client: what the spans of requests tell."""

from collections.abc import Callable, Iterator

import opentracing
import pytest
from flask import Flask, abort
from jaeger_client.reporter import InMemoryReporter
from opentracing import Tracer
from requests import Session
from tests.chassis.fixtures.propagation import SPAN, TRACE, WITH_TRACE, WITHOUT_TRACE, is_trace

from chassis import tracing
from chassis.settings.jaeger import TracingSettings
from chassis.tracing import jaeger

CALLER = {"traceparent": f"00-{TRACE}-{SPAN}-01"}


@pytest.fixture
def make_application() -> Callable[[Tracer | None], Flask]:
    def make(tracer: Tracer | None) -> Flask:
        app = Flask(__name__)
        jaeger.init_app(app, tracer)
        app.add_url_rule("/context/<name>", "context", lambda name: list(tracing.current()))
        app.add_url_rule("/livez", "livez", lambda: list(tracing.current()))
        app.add_url_rule("/bad", "bad", lambda: abort(400))
        app.add_url_rule("/bug", "bug", lambda: str(1 / 0))
        return app

    return make


def test_a_span_tells_the_request_and_its_outcome(
    make_application: Callable[..., Flask], tracer: Tracer, reporter: InMemoryReporter
) -> None:
    client = make_application(tracer).test_client()
    for path in ("/context/5?secret=x", "/bad", "/bug", "/unknown"):
        client.get(path)
    client.open("/context/5", method="ODD")
    spans = reporter.get_spans()
    names = ["GET /context/{name}", "GET /bad", "GET /bug", "GET", "HTTP"]
    assert [span.operation_name for span in spans] == names
    tags = [{tag.key: tag for tag in span.tags} for span in spans]
    assert [t["http.status_code"].vLong for t in tags] == [200, 400, 500, 404, 405]
    assert tags[0]["http.url"].vStr == "http://localhost/context/5"
    assert ["error" in t for t in tags] == [False, False, True, False, False]
    (entry,) = spans[2].logs
    assert {field.key: field.vStr for field in entry.fields}["error.kind"] == "ZeroDivisionError"


def test_the_trace_context_is_that_of_the_span(
    make_application: Callable[..., Flask], tracer: Tracer, reporter: InMemoryReporter
) -> None:
    client = make_application(tracer).test_client()
    found = tracing.TraceContext(*client.get("/context/5", headers=CALLER).get_json())
    (span,) = reporter.get_spans()
    assert found == (TRACE, f"{span.context.span_id:016x}", SPAN)
    begun = tracing.TraceContext(*client.get("/context/5").get_json())
    assert (len(begun.trace_id), begun.parent_span_id) == (32, "")


def test_no_request_fails_by_a_header(
    make_application: Callable[..., Flask], tracer: Tracer
) -> None:
    client = make_application(tracer).test_client()
    for headers in WITHOUT_TRACE:
        assert is_trace(client.get("/context/5", headers=headers).get_json()[0]), headers
    for headers in WITH_TRACE:
        assert client.get("/context/5", headers=headers).get_json()[::2] == [TRACE, SPAN], headers


def test_no_request_is_below_an_earlier_one(
    make_application: Callable[..., Flask], tracer: Tracer
) -> None:
    client = make_application(tracer).test_client()
    traces = [client.get("/context/5").get_json()[0] for _ in range(3)]
    assert len(set(traces)) == 3


@pytest.mark.parametrize("path", ["/livez", "/context/5"])
def test_a_request_without_a_span_has_a_trace_context(
    make_application: Callable[..., Flask], tracer: Tracer, reporter: InMemoryReporter, path: str
) -> None:
    client = make_application(tracer if path == "/livez" else None).test_client()
    found = tracing.TraceContext(*client.get(path, headers=CALLER).get_json())
    assert (found.trace_id, found.parent_span_id) == (TRACE, SPAN)
    assert not reporter.get_spans()


def test_the_share_of_sampled_traces_is_a_setting(reporter: InMemoryReporter) -> None:
    tracer = jaeger.make_tracer(reporter, TracingSettings(sample_rate=0), "things", "1.0")
    tracer.start_span("work").finish()
    assert not reporter.get_spans()


@pytest.fixture
def untouched() -> Iterator[None]:
    before, send = opentracing.global_tracer(), Session.send
    yield
    opentracing.set_global_tracer(before)
    Session.send = send  # type: ignore[method-assign]


@pytest.mark.usefixtures("untouched")
def test_a_started_process_sends_its_spans_until_it_stops() -> None:
    assert jaeger.start(TracingSettings(enabled=False), "things", "1.0") is None
    jaeger.stop()
    tracer = jaeger.start(TracingSettings(agent_port=9), "things", "1.0")
    assert tracer is opentracing.global_tracer()
    jaeger.stop()
