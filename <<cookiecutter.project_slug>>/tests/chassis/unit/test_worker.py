"""How a worker deals with connections while it ends."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent import socket
from gunicorn.config import Config
from gunicorn.workers.ggevent import GeventWorker

from chassis.server import lifecycle, worker

REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class NoLog:
    """Takes what gunicorn's own logger takes."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: None


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        opened.listen()
        yield opened


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[worker.Worker]:
    monkeypatch.setattr(worker.Response, "last", False)
    made = worker.Worker(1, 0, [], None, 30, Config(), NoLog())
    yield made
    made.tmp.close()


def test_a_client_that_was_told_that_its_connection_is_kept_is_served_once_more(
    one_worker: worker.Worker, listener: socket.socket
) -> None:
    def answer(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Length", "5")])
        yield b"beg"
        one_worker.drain(60, 1)
        yield b"un"

    one_worker.wsgi = answer
    with socket.create_connection(listener.getsockname(), timeout=5) as client:
        gevent.spawn(one_worker.handle, listener, *listener.accept())
        client.sendall(REQUEST * 3)
        answers = b"".join(iter(lambda: client.recv(1000), b"")).decode().split("HTTP/1.1")[1:]
    assert ["keep-alive" in answer for answer in answers] == [True, False]
    assert ["close" in answer for answer in answers] == [False, True]
    assert all(answer.endswith("\r\nbegun") for answer in answers)


def test_an_answer_is_not_lost_because_the_client_still_sends(
    one_worker: worker.Worker, listener: socket.socket
) -> None:
    def refuse(environ: Any, start_response: Any) -> list[bytes]:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []

    one_worker.wsgi = refuse
    body = b"x" * 10_000_000
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(listener.getsockname(), timeout=5) as client:
        gevent.spawn(one_worker.handle, listener, *listener.accept())
        client.sendall(head.encode() + body)
        assert client.recv(1000).startswith(b"HTTP/1.1 404 ")


def test_a_worker_that_cannot_start_makes_the_service_not_ready(
    one_worker: worker.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Any) -> None:
        raise ValueError("no application")

    monkeypatch.setattr(GeventWorker, "init_process", fail)
    monkeypatch.setattr(lifecycle, "_ending", bytearray(1))
    with pytest.raises(ValueError, match="no application"):
        one_worker.init_process()
    assert lifecycle.ending()


def test_what_has_connected_is_accepted_before_the_end(listener: socket.socket) -> None:
    accepted: list[Any] = []
    server = worker.Server(listener, lambda client, address: accepted.append(address))
    server.start()
    with (
        socket.create_connection(listener.getsockname(), timeout=5) as first,
        socket.create_connection(listener.getsockname(), timeout=5) as second,
    ):
        server.close()
        gevent.sleep(0)
        assert set(accepted) == {first.getsockname(), second.getsockname()}


def test_a_connection_without_a_request_is_closed_at_the_end(
    one_worker: worker.Worker, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "ARRIVAL_SECONDS", 0)
    # gunicorn itself closes it after two seconds.
    with socket.create_connection(listener.getsockname(), timeout=1) as client:
        gevent.spawn(one_worker.handle, listener, *listener.accept())
        gevent.sleep(0)
        one_worker.drain(0, 1)
        assert client.recv(1000) == b""
