"""Trace context: a caller's trace goes on, anything else starts a new one."""

import pytest
from flask import Flask
from tests.chassis.fixtures.propagation import SPAN, TRACE, WITH_TRACE, WITHOUT_TRACE, is_trace

from chassis import tracing
from chassis.tracing import TraceIds


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    tracing.init_app(app)
    app.add_url_rule("/ids", "ids", lambda: list(tracing.ids()))
    return app


def ids(app: Flask, headers: dict[str, str] | None = None) -> TraceIds:
    return TraceIds(*app.test_client().get("/ids", headers=headers).get_json())


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
def test_the_trace_of_the_caller_goes_on(app: Flask, headers: dict[str, str]) -> None:
    found = ids(app, headers)
    assert (found.trace, found.parent) == (TRACE, SPAN)
    assert len(found.span) == 16
    assert found.span != SPAN


def test_a_short_trace_of_b3_is_filled_up(app: Flask) -> None:
    assert ids(app, {"b3": f"{SPAN}-{SPAN}-1"}).trace == f"{'0' * 16}{SPAN}"


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
    found = ids(app, {name: value})
    assert len(found.trace) == 32
    assert found.trace != TRACE
    assert found.parent == ""


@pytest.mark.parametrize("headers", WITHOUT_TRACE, ids=repr)
def test_no_request_fails_by_a_header(app: Flask, headers: dict[str, str]) -> None:
    assert is_trace(ids(app, headers).trace)


@pytest.mark.parametrize("headers", WITH_TRACE, ids=repr)
def test_no_request_fails_by_what_comes_with_a_trace(app: Flask, headers: dict[str, str]) -> None:
    assert ids(app, headers)[::2] == (TRACE, SPAN)


def test_two_requests_have_two_traces(app: Flask) -> None:
    assert ids(app).trace != ids(app).trace


def test_there_are_no_ids_outside_of_a_request() -> None:
    assert tracing.ids() == TraceIds("", "", "")
