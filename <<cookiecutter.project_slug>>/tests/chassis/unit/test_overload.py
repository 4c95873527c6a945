"""Overload: which requests are refused, and how."""

import socket
import time
from typing import Any

import pytest
from flask import Flask, request
from gevent.server import StreamServer

from chassis import waits
from chassis.server import init_overload
from chassis.server.overload import EXTENSION, age
from chassis.server.worker import Server
from chassis.settings import ServerSettings

TRACE = "0af7651916cd43dd8448eb211c80319c"
LATE = 6.0


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


@pytest.fixture
def ages(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the next requests have waited, in a worker of gunicorn."""
    ages: list[float] = []
    monkeypatch.setattr("chassis.server.overload.age", lambda client: ages.pop(0))
    monkeypatch.setattr("gevent.monkey.is_module_patched", lambda name: True)
    return ages


def client(counts: Counts, **settings: Any) -> Any:
    app = Flask(__name__)
    for path in ("/things", "/livez", "/readyz", "/healthcheck", "/counts"):
        app.add_url_rule(path, path, lambda: {"waited": waits.waited()})
    init_overload(app, ServerSettings(**settings), observer=counts)
    return app.test_client()


def test_a_request_is_refused_if_it_has_waited_too_long(ages: list[float]) -> None:
    counts = Counts()
    asking = client(counts)
    ages += [0, 4.9, LATE, 0]
    statuses = [asking.get("/things").status_code for _ in range(4)]
    assert statuses == [200, 200, 503, 200]
    assert counts.waits == pytest.approx([0, 4.9, LATE, 0], abs=0.1)
    assert counts.methods == ["GET"]


def test_a_request_knows_how_long_it_has_waited(ages: list[float]) -> None:
    ages += [3.0]
    assert client(Counts()).get("/things").get_json()["waited"] == pytest.approx(3, abs=0.1)
    with Flask(__name__).test_request_context():
        assert request
        assert waits.waited() == 0


def test_a_refusal_is_a_problem_that_asks_to_come_back(ages: list[float]) -> None:
    counts = Counts()
    ages += [LATE]
    headers = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = client(counts).post("/things/ä b", headers=headers)
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


def test_a_refusal_of_a_head_request_has_no_body(ages: list[float]) -> None:
    ages += [LATE]
    answer = client(Counts()).head("/things")
    assert answer.status_code == 503
    assert not answer.data


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthcheck", "/counts"])
def test_probes_and_counts_are_always_answered(ages: list[float], path: str) -> None:
    counts = Counts()
    ages += [LATE]
    assert client(counts).get(path).status_code == 200
    assert counts.waits == []


def test_without_a_limit_nothing_is_refused(ages: list[float]) -> None:
    ages += [100]
    assert client(Counts(), max_wait=0).get("/things").status_code == 200


def test_a_server_with_threads_has_no_gate() -> None:
    app = Flask(__name__)
    init_overload(app, ServerSettings())
    assert EXTENSION not in app.extensions


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
