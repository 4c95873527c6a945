"""Overload: which requests are refused, and how."""

import socket
import time
from typing import Any

import pytest
from flask import Flask
from gevent.server import StreamServer

from chassis.server import init_overload
from chassis.server.overload import Admission, age
from chassis.server.worker import Server
from chassis.settings import ServerSettings

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Counts:
    """Counts waits and refusals."""

    exempt = frozenset({"/counts"})

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.methods: list[str] = []

    def waited(self, seconds: float) -> None:
        self.waits.append(seconds)

    def refused(self, method: str) -> None:
        self.methods.append(method)


class Queue:
    """What requests wait for."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def client(counts: Counts, queue: Queue, **settings: Any) -> Any:
    app = Flask(__name__)
    for path in ("/things", "/livez", "/readyz", "/healthcheck", "/counts"):
        app.add_url_rule(path, path, lambda: "answered")
    init_overload(app, ServerSettings(**settings), queue=queue, observer=counts)
    return app.test_client()


@pytest.mark.parametrize(
    ("age_", "queued", "admitted"),
    [(0, 0, True), (5, 0, True), (0, 5, True), (5.1, 0, False), (0, 5.1, False), (3, 3, False)],
)
def test_a_request_is_refused_if_it_would_wait_too_long(
    age_: float, queued: float, admitted: bool
) -> None:
    counts = Counts()
    admission = Admission(5, 10, queue=lambda: queued, observer=counts)
    assert admission.admits(age_, "GET") == admitted
    assert counts.waits == [age_ + queued]
    assert counts.methods == ([] if admitted else ["GET"])


def test_the_worker_is_busy_while_requests_wait() -> None:
    admission = Admission(5, 10)
    admission.admits(1.1, "GET")
    assert admission.busy
    admission.admits(0.9, "GET")
    assert not admission.busy


def test_no_more_requests_run_at_once_than_may() -> None:
    admission = Admission(5, 1)
    admission.begin()
    assert not admission.admits(0, "GET")
    admission.end()
    assert admission.admits(0, "GET")


def test_a_refusal_is_a_problem_that_asks_to_come_back() -> None:
    counts, queue = Counts(), Queue()
    queue.seconds = 6
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = client(counts, queue).post("/things/ä b", headers=headers)
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == "2"
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The service has too much to do at the moment.",
        "instance": "/things/%C3%A4%20b",
        "trace": TRACE,
    }
    assert counts.methods == ["POST"]


def test_a_refusal_of_a_head_request_has_no_body() -> None:
    queue = Queue()
    queue.seconds = 6
    answer = client(Counts(), queue).head("/things")
    assert answer.status_code == 503
    assert not answer.data


def test_it_is_over_when_nothing_waits() -> None:
    queue = Queue()
    asking = client(Counts(), queue)
    queue.seconds = 6
    assert asking.get("/things").status_code == 503
    queue.seconds = 0
    assert asking.get("/things").status_code == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthcheck", "/counts"])
def test_probes_and_counts_are_always_answered(path: str) -> None:
    counts, queue = Counts(), Queue()
    queue.seconds = 6
    assert client(counts, queue).get(path).status_code == 200
    assert counts.waits == []


@pytest.mark.parametrize("limit", [0, None])
def test_without_a_limit_nothing_is_refused(limit: float | None) -> None:
    queue = Queue()
    queue.seconds = 100
    assert client(Counts(), queue, max_wait=limit).get("/things").status_code == 200


def test_a_request_is_as_old_as_its_last_byte() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as sender,
    ):
        sender.sendall(b"GET")
        time.sleep(0.3)
        accepted, _ = listener.accept()
        with accepted:
            assert 0.25 < age(accepted) < 5
            sender.sendall(b" /")
            assert accepted.recv(3) == b"GET"
            assert age(accepted) < 0.25


def test_the_age_is_unknown_without_tcp() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert age(one) == 0
    assert age(None) == 0


def test_the_server_accepts_many_connections_at_a_time() -> None:
    assert StreamServer.max_accept > 1
    assert "max_accept" in vars(Server)
