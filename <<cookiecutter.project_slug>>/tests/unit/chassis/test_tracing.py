"""Trace context: a caller's trace goes on, anything else starts a new one."""

import pytest
from flask import Flask

from << cookiecutter.package_name >>.chassis import tracing
from << cookiecutter.package_name >>.chassis.tracing import TraceIds

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    tracing.init_app(app)
    app.add_url_rule("/ids", "ids", lambda: list(tracing.ids()))
    return app


def ids(app: Flask, **headers: str) -> TraceIds:
    return TraceIds(*app.test_client().get("/ids", headers=headers).get_json())


def test_the_trace_of_the_caller_goes_on(app: Flask) -> None:
    found = ids(app, traceparent=f"00-{TRACE}-{SPAN}-01")
    assert (found.trace, found.parent) == (TRACE, SPAN)
    assert len(found.span) == 16
    assert found.span != SPAN


@pytest.mark.parametrize(
    "header",
    [
        "",
        "nonsense",
        f"00-{TRACE}-{SPAN}",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
    ],
)
def test_without_a_valid_header_a_trace_begins(app: Flask, header: str) -> None:
    found = ids(app, traceparent=header)
    assert len(found.trace) == 32
    assert found.trace != TRACE
    assert found.parent == ""


def test_two_requests_have_two_traces(app: Flask) -> None:
    assert ids(app).trace != ids(app).trace


def test_there_are_no_ids_outside_of_a_request() -> None:
    assert tracing.ids() == TraceIds("", "", "")
