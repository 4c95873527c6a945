"""OpenTelemetry: what the spans of requests and calls tell."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from flask import Flask, abort
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from requests.adapters import BaseAdapter
from tests.chassis.fixtures.propagation import SPAN, TRACE, WITH_TRACE, WITHOUT_TRACE, is_trace

from chassis import tracing
from chassis.tracing import opentelemetry
from chassis.tracing.opentelemetry import sdk as opentelemetry_sdk

Start = Callable[[], trace.TracerProvider | None]


@pytest.fixture(autouse=True)
def stable_conventions(monkeypatch: pytest.MonkeyPatch) -> None:
<% if cookiecutter.__has_database %>
    monkeypatch.setenv(opentelemetry_sdk.CONVENTIONS, "http,database")
<% else %>
    monkeypatch.setenv(opentelemetry_sdk.CONVENTIONS, "http")
<% endif %>
    for variable, value in opentelemetry_sdk.DEFAULTS.items():
        monkeypatch.setenv(variable, value)


@pytest.fixture
def make_application() -> Callable[[TracerProvider | None], Flask]:
    def make(provider: TracerProvider | None) -> Flask:
        app = Flask(__name__)
        opentelemetry.init_app(app, provider)
        app.add_url_rule("/context/<name>", "context", lambda name: list(tracing.current()))
        app.add_url_rule("/livez", "livez", lambda: list(tracing.current()))
        app.add_url_rule("/bad", "bad", lambda: abort(400))
        app.add_url_rule("/bug", "bug", lambda: str(1 / 0))
        return app

    return make


def test_a_span_tells_the_request_and_its_outcome(
    make_application: Callable[..., Flask], provider: TracerProvider, kept: InMemorySpanExporter
) -> None:
    client = make_application(provider).test_client()
    for path in ("/context/5?secret=x&from=http://x/livez", "/bad", "/bug", "/unknown"):
        client.get(path)
    client.open("/context/5", method="ODD")
    spans = kept.get_finished_spans()
    names = ["GET /context/{name}", "GET /bad", "GET /bug", "GET", "HTTP"]
    assert [span.name for span in spans] == names
    about = [dict(span.attributes or {}) for span in spans]
    assert [a["http.response.status_code"] for a in about] == [200, 400, 500, 404, 405]
    assert [a.get("http.route") for a in about] == ["/context/{name}", "/bad", "/bug", None, None]
    assert (about[0]["url.path"], about[0]["url.query"]) == (
        "/context/5",
        "secret=***&from=http://x/livez",
    )
    (event,) = spans[2].events
    assert dict(event.attributes or {})["exception.type"] == "ZeroDivisionError"
    assert [span.status.status_code.name for span in spans[:3]] == ["UNSET", "UNSET", "ERROR"]


def test_the_trace_context_is_that_of_the_span(
    make_application: Callable[..., Flask], provider: TracerProvider, kept: InMemorySpanExporter
) -> None:
    client = make_application(provider).test_client()
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    found = tracing.TraceContext(*client.get("/context/5", headers=headers).get_json())
    (span,) = kept.get_finished_spans()
    assert found == (TRACE, trace.format_span_id(span.context.span_id), SPAN)
    assert tracing.TraceContext(*client.get("/context/5").get_json()).parent_span_id == ""


def test_a_request_that_is_not_sampled_has_a_trace_context(
    make_application: Callable[..., Flask],
) -> None:
    client = make_application(TracerProvider(ALWAYS_OFF)).test_client()
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-00"}
    found = tracing.TraceContext(*client.get("/context/5", headers=headers).get_json())
    assert (found.trace_id, found.parent_span_id) == (TRACE, SPAN)
    assert len(found.span_id) == 16


@pytest.mark.parametrize("path", ["/livez", "/context/5"])
def test_a_request_without_a_span_has_a_trace_context(
    make_application: Callable[..., Flask],
    provider: TracerProvider,
    kept: InMemorySpanExporter,
    path: str,
) -> None:
    client = make_application(provider if path == "/livez" else None).test_client()
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
    found = tracing.TraceContext(*client.get(path, headers=headers).get_json())
    assert (found.trace_id, found.parent_span_id) == (TRACE, SPAN)
    assert not kept.get_finished_spans()


def test_no_request_fails_by_a_header(
    make_application: Callable[..., Flask],
    start: Start,
    provider: TracerProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(trace, "set_tracer_provider", lambda made: None)
    assert start()
    client = make_application(provider).test_client()
    for path in ("/context/5", "/livez"):
        for headers in WITHOUT_TRACE:
            assert is_trace(client.get(path, headers=headers).get_json()[0]), headers
        for headers in WITH_TRACE:
            assert client.get(path, headers=headers).get_json()[::2] == [TRACE, SPAN], headers


class Peer(BaseAdapter):
    """Answers 200 and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(request)
        response = requests.Response()
        response.status_code, response.request = 200, request
        return response

    def close(self) -> None:
        pass


@pytest.fixture
def start(own_variables: pytest.MonkeyPatch, collector: Any) -> Iterator[Start]:
    for name, value in (collector.variables | collector.patience).items():
        own_variables.setenv(name, value)
    formats = propagate.get_global_textmap()
    yield lambda: opentelemetry.start("things", "1.0", "production")
    propagate.set_global_textmap(formats)
    RequestsInstrumentor().uninstrument()


def test_it_is_off_if_the_variable_says_so(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert start() is None
    opentelemetry.stop()


def test_a_started_process_traces_its_calls_and_sends_the_spans(
    start: Start, monkeypatch: pytest.MonkeyPatch, collector: Any
) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,team=blue")
    provider, peer = start(), Peer()
    assert provider
    with requests.Session() as session, provider.get_tracer("test").start_as_current_span("work"):
        session.mount("http://", peer)
        session.get("http://peer.test/path?token=abc")
    opentelemetry.stop()
    call, work = sorted(collector.all(), key=lambda span: str(span.name))
    assert (call.name, call.parent, call.status) == ("GET", work.span, 200)
    assert call.attributes["url.full"] == "http://peer.test/path?token=***"
    (asked,) = peer.asked
    assert asked.headers["traceparent"].startswith(f"00-{work.trace}-{call.span}-")
    assert asked.headers["x-b3-traceid"] == work.trace
    assert asked.headers["x-b3-spanid"] == call.span
    resource = work.resource
    assert (resource["service.name"], resource["team"]) == ("other", "blue")
    assert resource["service.version"]
    assert resource["deployment.environment.name"] == "production"


def test_a_text_that_is_truncated_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    provider = TracerProvider(span_limits=SpanLimits(max_span_attribute_length=4))
    span = provider.get_tracer("things").start_span("thing")
    span.set_attribute("text", "longer")
    span.end()
    assert dict(getattr(span, "attributes", {})) == {"text": "long"}
    assert caplog.messages == []
