"""Trace context: a valid header continues the trace of the caller, anything else starts a new trace."""

import pytest
from flask import Flask
from tests.chassis.fixtures.propagation import SPAN, TRACE, WITH_TRACE, WITHOUT_TRACE, is_trace

from chassis import tracing
from chassis.tracing import TraceContext


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    tracing.init_app(app)
    app.add_url_rule("/context", "context", lambda: list(tracing.current()))
    return app


def context(app: Flask, headers: dict[str, str] | None = None) -> TraceContext:
    return TraceContext(*app.test_client().get("/context", headers=headers).get_json())


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": f"00-{TRACE}-{SPAN}-01"},
        {"b3": f"{TRACE}-{SPAN}"},
        {"b3": f"{TRACE}-{SPAN}-1-00f067aa0ba902b7"},
        {"X-B3-TraceId": TRACE, "X-B3-SpanId": SPAN, "X-B3-Sampled": "1"},
        {"X-B3-TraceId": TRACE.upper(), "X-B3-SpanId": SPAN.upper()},
        {"traceparent": f"00-{TRACE}-{SPAN}-01", "b3": f"{TRACE[::-1]}-{SPAN}"},
    ],
)
def test_the_trace_of_the_caller_is_continued(app: Flask, headers: dict[str, str]) -> None:
    found = context(app, headers)
    assert (found.trace_id, found.parent_span_id) == (TRACE, SPAN)
    assert len(found.span_id) == 16
    assert found.span_id != SPAN


def test_a_short_trace_of_b3_is_filled_up(app: Flask) -> None:
    assert context(app, {"b3": f"{SPAN}-{SPAN}-1"}).trace_id == f"{'0' * 16}{SPAN}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traceparent", ""),
        ("traceparent", "nonsense"),
        ("traceparent", f"00-{TRACE}-{SPAN}"),
        ("traceparent", f"ff-{TRACE}-{SPAN}-01"),
        ("traceparent", f"00-{TRACE.upper()}-{SPAN}-01"),
        ("traceparent", f"00-{'0' * 32}-{SPAN}-01"),
        ("traceparent", f"00-{TRACE}-{'0' * 16}-01"),
        ("b3", "0"),
        ("b3", TRACE),
        ("b3", f"{TRACE}-{'0' * 16}"),
        ("b3", f"{'0' * 32}-{SPAN}"),
        ("X-B3-TraceId", TRACE),
        ("X-B3-SpanId", SPAN),
    ],
)
def test_without_a_valid_header_a_trace_begins(app: Flask, name: str, value: str) -> None:
    found = context(app, {name: value})
    assert len(found.trace_id) == 32
    assert found.trace_id != TRACE
    assert found.parent_span_id == ""


@pytest.mark.parametrize("headers", WITHOUT_TRACE, ids=repr)
def test_no_request_fails_by_a_header(app: Flask, headers: dict[str, str]) -> None:
    assert is_trace(context(app, headers).trace_id)


@pytest.mark.parametrize("headers", WITH_TRACE, ids=repr)
def test_no_request_fails_by_what_comes_with_a_trace(app: Flask, headers: dict[str, str]) -> None:
    assert context(app, headers)[::2] == (TRACE, SPAN)


def test_two_requests_have_two_traces(app: Flask) -> None:
    assert context(app).trace_id != context(app).trace_id


def test_there_is_no_trace_context_outside_of_a_request() -> None:
    assert tracing.current() == TraceContext("", "", "")
