"""The HTTP client: whatever the upstream does, a call ends early and with one kind of error."""

import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask import Flask

from chassis import http_client, tracing
from chassis.calls import deadlines
from chassis.calls.circuit_breaker import State
from chassis.http_client import (
    CircuitOpenError,
    DeadlineExceededError,
    TooManyCallsError,
    UpstreamAnswerTooLargeError,
    UpstreamError,
    UpstreamSession,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from chassis.settings.upstreams import UpstreamSettings

MakeSession = Callable[..., UpstreamSession]
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def session(peer: Any, settings_for_peer: Callable[..., UpstreamSettings]) -> MakeSession:
    def make(url: str = peer.url, **changes: Any) -> UpstreamSession:
        return UpstreamSession("peer", settings_for_peer(url, **changes))

    return make


def test_a_call_is_a_path_of_the_service(session: MakeSession, peer: Any) -> None:
    response = session().get("/things", params={"limit": 5})
    assert response.json()["items"]
    assert peer.asked[0].path == "/things?limit=5"


def test_connections_are_used_again(session: MakeSession, peer: Any) -> None:
    calls = session()
    for _ in range(5):
        calls.get("/things")
    assert len({handler.client_address for handler in peer.asked}) == 1


def test_no_cookie_is_kept_and_no_redirect_followed(session: MakeSession, peer: Any) -> None:
    peer.status, peer.headers = 302, {"Set-Cookie": "a=b", "Location": "/other"}
    calls = session()
    assert calls.get("/things").status_code == 302
    calls.get("/things")
    assert [handler.path for handler in peer.asked] == ["/things", "/things"]
    assert "Cookie" not in peer.asked[1].headers


@pytest.mark.parametrize("path", ["/things", "//other.test/things", "things"])
def test_a_path_does_not_lead_elsewhere(session: MakeSession, peer: Any, path: str) -> None:
    session().get(path)
    assert peer.asked[0].headers["Host"] == peer.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("hang", UpstreamTimeoutError),
        ("babble", UpstreamUnavailableError),
        ("break_off", UpstreamError),
    ],
)
def test_a_sick_service_is_a_certain_error(
    session: MakeSession, peer: Any, behaviour: str, error: type[UpstreamError]
) -> None:
    peer.behave(behaviour)
    for retries in (0, 1):
        with pytest.raises(error) as caught:
            session(retries=retries).get("/things")
        assert type(caught.value) is error


def test_a_5xx_is_an_error_and_a_4xx_is_not(session: MakeSession, peer: Any) -> None:
    peer.status = 500
    with pytest.raises(UpstreamError):
        session().get("/things")
    peer.status = 404
    assert session().get("/things").status_code == 404


def test_a_service_that_is_not_there_is_unavailable(session: MakeSession, unused_url: str) -> None:
    with pytest.raises(UpstreamUnavailableError):
        session(unused_url).get("/things")


def test_after_failures_it_is_left_alone_for_a_while(
    session: MakeSession, peer: Any, unused_url: str
) -> None:
    calls = session(failures=3)
    peer.status = 500
    for _ in range(3):
        with pytest.raises(UpstreamError):
            calls.get("/things")
    started = time.perf_counter()
    with pytest.raises(CircuitOpenError) as caught:
        calls.get("/things")
    assert time.perf_counter() - started < 0.01
    assert 0 < (caught.value.retry_after or 0) <= 0.3
    assert len(peer.asked) == 3
    peer.status = 200
    time.sleep(0.35)
    assert calls.get("/things").ok
    assert calls.breaker.state is State.CLOSED


def test_a_short_timeout_opens_the_circuit_too(session: MakeSession, unused_url: str) -> None:
    calls = session(unused_url, timeout=0.2, read_timeout=2, failures=2)
    for _ in range(2):
        with pytest.raises(UpstreamUnavailableError):
            calls.get("/things")
    assert calls.breaker.state is State.OPEN


@pytest.mark.parametrize("behaviour", ["flood", "flood_in_chunks", "bomb"])
def test_an_answer_is_not_read_beyond_its_limit(
    session: MakeSession, peer: Any, behaviour: str
) -> None:
    peer.behave(behaviour)
    calls = session(max_answer_bytes=100_000, timeout=30, read_timeout=30, failures=2)
    tracemalloc.start()
    for _ in range(2):
        with pytest.raises(UpstreamAnswerTooLargeError):
            calls.get("/things")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    # The buffers of the connections hold more than is read.
    assert peer.sent < 2 * 20_000_000
    # The upstream answers, so a client that requests large answers cannot open the circuit.
    assert calls.breaker.state is State.CLOSED
    peer.behave("well")
    assert calls.get("/things").ok


def test_an_answer_as_large_as_may_be_is_read(session: MakeSession, peer: Any) -> None:
    peer.body = b"x" * 100_000
    assert session(max_answer_bytes=100_000).get("/things").content == peer.body
    assert session(max_answer_bytes=99_999).head("/things").content == b""
    with pytest.raises(UpstreamAnswerTooLargeError):
        session(max_answer_bytes=99_999).get("/things", stream=True)


def test_an_answer_that_is_given_up_for_a_retry_is_not_read_whole(
    session: MakeSession, peer: Any
) -> None:
    peer.behave("flood")
    peer.status = 503
    with pytest.raises(UpstreamError):
        session(retries=2, timeout=5).get("/things")
    assert len(peer.asked) == 3
    assert peer.sent < 3 * 20_000_000


def test_an_answer_without_end_of_its_headers_is_refused(session: MakeSession, peer: Any) -> None:
    def answer(handler: Any) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(10_000):
            handler.wfile.write(b"X: %b\r\n" % (b"x" * 1000))

    peer.answers = answer
    with pytest.raises(UpstreamUnavailableError):
        session().get("/things")


def test_an_odd_retry_after_is_passed_over(session: MakeSession, peer: Any) -> None:
    peer.status, peer.headers = 503, {"Retry-After": "soon"}
    with pytest.raises(UpstreamError):
        session(retries=1).get("/things")
    assert len(peer.asked) == 2


@pytest.mark.parametrize(("given", "expected"), [("", True), ("/own.pem", "/own.pem")])
def test_certificates_are_always_checked(
    session: MakeSession, monkeypatch: pytest.MonkeyPatch, given: str, expected: bool | str
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", given)
    assert session().verify == expected


def test_no_more_calls_are_made_at_once_than_may_be(session: MakeSession, peer: Any) -> None:
    peer.behave("hang")
    calls = session(max_calls=2, read_timeout=0.6)
    threads = [threading.Thread(target=failing, args=[calls]) for _ in range(2)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + 10
    while len(peer.asked) < 2:
        assert time.monotonic() < end
        time.sleep(0.01)
    with pytest.raises(TooManyCallsError):
        calls.get("/things")
    for thread in threads:
        thread.join()
    peer.behave("well")
    assert calls.get("/things").ok


def failing(calls: UpstreamSession) -> None:
    with pytest.raises(UpstreamError):
        calls.get("/things")


def application(calls: UpstreamSession) -> Flask:
    app = Flask(__name__)
    tracing.init_app(app)
    deadlines.init_app(app, 10)
    http_client.init_app(app)

    def ask() -> Any:
        response = calls.get("/things")
        response.raise_for_status()
        return response.json()

    app.add_url_rule("/ask", "ask", ask)
    return app


@pytest.fixture
def app(session: MakeSession) -> Flask:
    """An application that asks the peer."""
    # A busy machine may need a while for the first answer.
    return application(session(read_timeout=1))


def test_the_trace_and_the_deadline_go_on(app: Flask, peer: Any) -> None:
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-00", deadlines.HEADER: "700"}
    assert app.test_client().get("/ask", headers=headers).status_code == 200
    sent = peer.asked[0].headers
    _, trace, _, flags = sent["traceparent"].split("-")
    assert (trace, flags) == (TRACE, "00")
    assert 500 < int(sent[deadlines.HEADER]) <= 700


def test_without_time_left_no_call_is_made_and_none_blamed(app: Flask, peer: Any) -> None:
    client = app.test_client()
    for _ in range(10):
        assert client.get("/ask", headers={deadlines.HEADER: "0"}).status_code == 504
    assert not peer.asked
    assert client.get("/ask").status_code == 200


@pytest.mark.parametrize("milliseconds", ["20", "300"])
def test_a_caller_in_a_hurry_does_not_open_the_circuit(
    session: MakeSession, peer: Any, milliseconds: str
) -> None:
    calls = session(read_timeout=0.5, failures=2)
    client = application(calls).test_client()
    peer.delay = 0.4
    for _ in range(3):
        assert client.get("/ask", headers={deadlines.HEADER: milliseconds}).status_code == 504
    assert calls.breaker.state is State.CLOSED
    assert client.get("/ask").status_code == 200


def test_a_trial_that_a_deadline_cuts_short_is_made_again(session: MakeSession, peer: Any) -> None:
    calls = session(read_timeout=0.5, failures=1)
    client = application(calls).test_client()
    peer.status = 500
    client.get("/ask")
    time.sleep(0.35)
    peer.status, peer.delay = 200, 0.4
    assert client.get("/ask", headers={deadlines.HEADER: "100"}).status_code == 504
    states = [calls.breaker.state]
    assert client.get("/ask").status_code == 200
    assert [*states, calls.breaker.state] == [State.HALF_OPEN, State.CLOSED]


def test_who_has_failed_before_the_deadline_has_failed(session: MakeSession, peer: Any) -> None:
    calls = session(read_timeout=0.3, failures=1, retries=1)
    client = application(calls).test_client()
    peer.behave("hang")
    # The second attempt would be over after the deadline.
    assert client.get("/ask", headers={deadlines.HEADER: "500"}).status_code == 504
    assert calls.breaker.state is State.OPEN


def test_each_attempt_tells_how_much_time_is_left(session: MakeSession, peer: Any) -> None:
    timeouts: list[int] = []

    def refuse(handler: Any) -> None:
        timeouts.append(int(handler.headers[deadlines.HEADER]))
        handler.send_error(503)

    peer.answers = refuse
    client = application(session(retries=2)).test_client()
    client.get("/ask", headers={deadlines.HEADER: "900"})
    assert len(timeouts) == 3
    # The first retry waits for 0.1 s at least, and the second for 0.2 s.
    assert 900 >= timeouts[0] >= timeouts[1] + 100 >= timeouts[2] + 300


def test_a_deadline_is_distinguished_from_a_timeout(session: MakeSession, peer: Any) -> None:
    peer.behave("hang")
    calls = session(read_timeout=0.2)
    with pytest.raises(UpstreamTimeoutError) as caught:
        calls.get("/things")
    assert type(caught.value) is UpstreamTimeoutError
    app = application(calls)

    @app.get("/hurry")
    def hurry() -> str:
        with pytest.raises(DeadlineExceededError):
            calls.get("/things")
        return ""

    assert app.test_client().get("/hurry", headers={deadlines.HEADER: "100"}).status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "retry_after"),
    [
        ({"status": 500}, 502, None),
        ({"status": 404}, 502, None),
        ({"body": b"<html>"}, 502, None),
        ("hang", 504, None),
        ("babble", 503, "1"),
    ],
)
def test_what_fails_becomes_a_problem(
    app: Flask, peer: Any, change: dict[str, Any] | str, status: int, retry_after: str | None
) -> None:
    if isinstance(change, str):
        peer.behave(change)
    else:
        vars(peer).update(change)
    answer = app.test_client().get("/ask")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers.get("Retry-After") == retry_after
    assert "127.0.0.1" not in answer.text


def test_faults_can_be_made_on_purpose(session: MakeSession, peer: Any) -> None:
    with pytest.raises(UpstreamUnavailableError):
        session(fault_refusals=1).get("/things")
    with pytest.raises(UpstreamError):
        session(fault_errors=1).get("/things")
    assert not peer.asked
    started = time.monotonic()
    assert session(fault_latency=0.2).get("/things").ok
    assert time.monotonic() - started >= 0.2


def test_other_errors_of_requests_are_not_swallowed(session: MakeSession) -> None:
    with pytest.raises(requests.exceptions.InvalidHeader):
        session().get("/things", headers={"X": "a\nb"})
