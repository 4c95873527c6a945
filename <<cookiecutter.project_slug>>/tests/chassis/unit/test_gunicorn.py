"""gunicorn's own objects, of which the chassis uses more than gunicorn documents."""

import os
import signal
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from gevent import socket
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config

from chassis.server import Hooks, lifecycle, listening, refusals, restarts, worker
from chassis.settings import ApiSettings, LogSettings, ServerSettings
from chassis.start import StartError

SETTINGS: Any = SimpleNamespace(
    server=ServerSettings(), api=ApiSettings(swagger_ui=False), log=LogSettings()
)


@pytest.fixture
def one_worker(gunicorn_config: Config) -> Iterator[worker.Worker]:
    log = gunicorn_config.logger_class(gunicorn_config)
    made = worker.Worker(1, os.getppid(), [], None, 30, gunicorn_config, log)
    yield made
    made.tmp.close()


def first_process(config: Config) -> Any:
    """Makes gunicorn's first process, which does not start."""
    return Arbiter(SimpleNamespace(cfg=config))


def hooks() -> Hooks:
    return Hooks(SETTINGS, lambda: SETTINGS, name="books", version="1.2.3", path="/v1/books")


def test_the_addresses_of_gunicorn_are_tried(gunicorn_config: Config) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        gunicorn_config.set("bind", f"127.0.0.1:{other.getsockname()[1]}")
        arbiter = first_process(gunicorn_config)
        with pytest.raises(StartError, match="address already in use"):
            listening.check_server(arbiter)
        arbiter.master_pid = os.getpid()
        listening.check_server(arbiter)


def test_the_hooks_read_the_settings_of_gunicorn(
    gunicorn_config: Config, one_worker: worker.Worker
) -> None:
    arbiter = first_process(gunicorn_config)
    hooks().pre_fork(arbiter, one_worker)
    assert vars(one_worker)["pause"] == 0
    gunicorn_config.set("preload_app", True)
    with pytest.raises(SystemExit, match=r"^preload_app: "):
        hooks().on_starting(arbiter)


def test_a_signal_goes_on_to_gunicorn(
    gunicorn_config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: dict[int, Any] = {}
    killed: list[tuple[int, int]] = []
    queued: list[int] = []
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(os, "kill", lambda *arguments: killed.append(arguments))
    monkeypatch.setattr(lifecycle, "_ending", bytearray(1))
    monkeypatch.setattr(Arbiter, "signal", lambda self, number, frame: queued.append(number))
    arbiter = first_process(gunicorn_config)
    arbiter.pid = os.getpid()
    arbiter.WORKERS[4711] = "a worker"
    lifecycle.handle_signals(arbiter)
    handlers[signal.SIGTERM](signal.SIGTERM, None)
    del arbiter.WORKERS[4711]
    assert lifecycle.ending()
    assert (killed, queued) == ([(4711, signal.SIGTERM)], [signal.SIGTERM])


def test_what_gunicorn_refuses_is_a_problem_document(
    one_worker: worker.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(util, "write_error", refusals.write_problem)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname(), timeout=5) as client:
            gevent.spawn(one_worker.handle, listener, *listener.accept())
            client.sendall(b"GET / HTTP/1.1\r\nno header\r\n\r\n")
            answer = client.recv(1000).decode()
    assert answer.startswith("HTTP/1.1 400 Bad Request\r\n")
    assert "\r\nContent-Type: application/problem+json\r\n" in answer
    assert answer.endswith('{"type": "about:blank", "title": "Bad Request", "status": 400}')


def test_a_worker_tells_whether_it_lives(
    one_worker: worker.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    restarts.prepare(one_worker, workers=1)
    monkeypatch.setattr(one_worker, "pause", 0.1)
    monkeypatch.setattr(one_worker, "starts_at", time.monotonic() + 0.1)
    monkeypatch.setattr(signal, "signal", lambda *arguments: None)
    restarts.wait(one_worker)
    ended = vars(one_worker)["has_ended"]
    restarts.mark_ended(one_worker)
    assert not ended[0]
    one_worker.alive = False
    restarts.mark_ended(one_worker)
    assert ended[0]


def test_gunicorn_loads_and_serves_by_the_methods_of_the_worker(
    one_worker: worker.Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[worker.Server] = []
    monkeypatch.setattr(worker.Server, "start", lambda server: servers.append(server))
    one_worker.cfg.set("wsgi_app", "books.wsgi:app")
    one_worker.app = SimpleNamespace(wsgi=lambda: "the application")
    one_worker.load_wsgi()
    assert one_worker.wsgi == "the application"
    one_worker.alive = False
    with socket.socket() as listener:
        one_worker.sockets = [listener]
        one_worker.run()
    assert len(servers) == 1
