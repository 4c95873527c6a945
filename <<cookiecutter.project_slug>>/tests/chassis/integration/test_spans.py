"""Spans of the running service, as a collector receives them."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
import requests

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
PATH = "/v1/things"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def called_by(trace: str) -> dict[str, str]:
    """The headers of a request that belongs to the caller's trace."""
    return {"traceparent": f"00-{trace}-{SPAN}-01"}


@pytest.fixture(scope="module")
def server(start_shared_server: Callable[..., Any], shared_collector: Any) -> Any:
    return start_shared_server(**shared_collector.variables)


@pytest.fixture
def trace() -> str:
    """The id of a trace that no other test has."""
    return uuid4().hex


def test_a_request_has_a_span_whatever_comes_of_it(server: Any, shared_collector: Any) -> None:
    expected = {}
    for method, path, name, status in (
        ("GET", PATH, "GET " + PATH, 200),
        ("GET", f"{PATH}?size=5", "GET " + PATH, 400),
        ("GET", f"{PATH}/999999", f"GET {PATH}/{{number}}", 404),
        ("PATCH", PATH, "PATCH", 405),
        ("GET", "/unknown/path", "GET", 404),
    ):
        trace = uuid4().hex
        answer = requests.request(
            method, f"{server.url}{path}", headers=called_by(trace), timeout=5
        )
        assert answer.status_code == status
        expected[trace] = (name, status)
    for trace, outcome in expected.items():
        spans = shared_collector.spans(trace, lambda found: any(s.parent == SPAN for s in found))
        (span,) = [span for span in spans if span.parent == SPAN]
        assert (span.name, span.status) == outcome


def test_a_host_that_is_none_is_a_problem_with_a_span(server: Any, shared_collector: Any) -> None:
    trace = uuid4().hex
    headers = {**called_by(trace), "Host": "xn--a"}
    answer = requests.get(server.url + PATH, headers=headers, timeout=5)
    assert (answer.status_code, answer.json()["trace"]) == (400, trace)
    shared_collector.spans(trace, lambda found: [span.status for span in found] == [400])
    assert "400" in server.wait_for_line(f'"GET {PATH}" 400')["message"]


def test_its_ids_are_those_of_the_log_and_of_the_problem(
    server: Any, shared_collector: Any
) -> None:
    problem = requests.get(f"{server.url}{PATH}/nothing", timeout=5).json()
    trace = problem["trace"]
    (root,) = shared_collector.spans(trace, lambda found: any(not s.parent for s in found))
    line = server.wait_for_line(f'{PATH}/nothing"')
    assert (line["trace"], line["span"], line["parent"]) == (trace, root.span, "")


def test_the_trace_of_the_caller_is_continued(
    server: Any, shared_collector: Any, trace: str
) -> None:
    two, three = uuid4().hex, uuid4().hex
    headers_by_trace = {
        trace: called_by(trace),
        two: {"b3": f"{two}-{SPAN}-1"},
        three: {"X-B3-TraceId": three, "X-B3-SpanId": SPAN, "X-B3-Sampled": "1"},
<% if cookiecutter.tracing == 'jaeger-client' %>
        TRACE: {"uber-trace-id": f"{TRACE}:{SPAN}:0:1"},
<% endif %>
    }
    for headers in headers_by_trace.values():
        requests.get(f"{server.url}{PATH}", headers=headers, timeout=5)
    for trace_id in headers_by_trace:
        shared_collector.spans(trace_id, lambda found: any(span.parent == SPAN for span in found))
<% if cookiecutter.__has_database %>


def test_statements_are_below_their_request(server: Any, shared_collector: Any, trace: str) -> None:
    body = {"name": "First"}
    requests.post(f"{server.url}{PATH}", json=body, headers=called_by(trace), timeout=5)
    spans = shared_collector.spans(trace, lambda found: any(span.parent == SPAN for span in found))
    (request,) = [span for span in spans if span.parent == SPAN]
    statements = {span.statement: span for span in spans if span.statement}
    inserts = [text for text in statements if text.startswith("INSERT INTO")]
    assert inserts
    assert not [text for text in statements if "First" in text]
    assert {span.parent for span in statements.values()} == {request.span}
<% endif %>


def test_probes_have_none(server: Any, shared_collector: Any, trace: str) -> None:
    before = {span.trace for span in shared_collector.all()}
    for path in ("/livez", "/readyz", "/healthcheck"):
        assert requests.get(f"{server.url}{path}", timeout=5).ok
    requests.get(f"{server.url}{PATH}", headers=called_by(trace), timeout=5)
    shared_collector.spans(trace, bool)
    time.sleep(1)
    assert {span.trace for span in shared_collector.all()} - before == {trace}


def test_none_is_lost_at_the_end(start_server: Callable[..., Any], collector: Any) -> None:
    variables = {**collector.variables, **collector.patience}
    server = start_server(APP_SERVER__DRAIN_DELAY="0", **variables)
    for _ in range(10):
        requests.get(f"{server.url}{PATH}", headers=called_by(TRACE), timeout=5)
    server.terminate()
    assert server.wait() == 0
    collector.spans(TRACE, lambda found: sum(span.parent == SPAN for span in found) == 10)


def test_the_service_does_not_need_a_collector(
    start_server: Callable[..., Any], collector: Any
) -> None:
    collector.close()
    server = start_server(APP_SERVER__DRAIN_DELAY="0", **collector.variables)
    assert requests.get(f"{server.url}{PATH}", timeout=5).ok
    server.terminate()
    assert server.wait() == 0


def test_switched_off_there_are_ids_but_no_spans(
    start_server: Callable[..., Any], collector: Any
) -> None:
<% if cookiecutter.tracing == 'opentelemetry' %>
    off = {"OTEL_SDK_DISABLED": "true"}
<% else %>
    off = {"APP_TRACING__ENABLED": "false"}
<% endif %>
    server = start_server(APP_SERVER__DRAIN_DELAY="0", **{**collector.variables, **off})
    problem = requests.get(f"{server.url}/unknown", headers=called_by(TRACE), timeout=5).json()
    server.terminate()
    assert server.wait() == 0
    assert problem["trace"] == TRACE
    assert not collector.all()
