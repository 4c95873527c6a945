"""Outgoing calls: each has a span, and carries the trace."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from jaeger_client.reporter import InMemoryReporter
from opentracing import Tracer
from requests.adapters import BaseAdapter

from chassis.tracing.jaeger import requests as jaeger_requests


class Peer(BaseAdapter):
    """Answers 200, or not at all, and keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[requests.PreparedRequest] = []
        self.answers = True

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(request)
        if not self.answers:
            raise requests.ConnectionError("nobody there")
        response = requests.Response()
        response.status_code, response.request = 200, request
        return response

    def close(self) -> None:
        pass


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def session(tracer: Tracer, peer: Peer) -> Iterator[requests.Session]:
    send = requests.Session.send
    jaeger_requests.instrument(tracer)
    with requests.Session() as session:
        session.mount("http://", peer)
        yield session
    requests.Session.send = send  # type: ignore[method-assign]


def test_a_call_has_a_span_and_carries_its_trace(
    session: requests.Session, peer: Peer, tracer: Tracer, reporter: InMemoryReporter
) -> None:
    with tracer.start_active_span("work"):
        session.get("http://peer.test/path?secret=x")
    call, work = reporter.get_spans()
    assert (call.operation_name, call.context.parent_id) == ("GET", work.context.span_id)
    tags = {tag.key: tag for tag in call.tags}
    assert tags["http.url"].vStr == "http://peer.test/path"
    assert tags["http.status_code"].vLong == 200
    (asked,) = peer.asked
    trace, span = f"{call.context.trace_id:032x}", f"{call.context.span_id:016x}"
    assert asked.headers["traceparent"] == f"00-{trace}-{span}-01"
    assert asked.headers["X-B3-TraceId"] == trace
    assert "uber-trace-id" in asked.headers


def test_a_call_that_fails_is_marked(
    session: requests.Session, peer: Peer, reporter: InMemoryReporter
) -> None:
    peer.answers = False
    with pytest.raises(requests.ConnectionError):
        session.get("http://peer.test/path")
    (call,) = reporter.get_spans()
    assert {tag.key: tag.vBool for tag in call.tags}["error"] is True
