"""Probes: alive whatever happens outside, ready only if all is well."""

import logging
import mmap
import os
import time
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.server import health, lifecycle


class Peer:
    """Something that the service depends on."""

    up = True

    def check(self) -> None:
        if not self.up:
            raise ConnectionError("cannot reach\nhttp://user:password@host")


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands still, and no check reported yet."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(health.Reporter, "reported_at", memoryview(bytearray(64)).cast("d"))
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def app(peer: Peer) -> Flask:
    app = Flask(__name__)
    health.init_app(app, {"peer": peer.check, "lifecycle": lifecycle.check})
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("path", ["/readyz", "/healthcheck"])
def test_readiness_follows_what_it_depends_on(client: FlaskClient, peer: Peer, path: str) -> None:
    assert client.get(path).status_code == 200
    peer.up = False
    response = client.get(path)
    assert response.status_code == 503
    assert response.get_json() == {
        "status": "down",
        "checks": {"peer": "down", "lifecycle": "up"},
    }
    assert client.get("/livez").status_code == 200
    peer.up = True
    assert client.get(path).get_json()["status"] == "up"


def test_a_failed_check_is_logged_without_secrets(
    client: FlaskClient, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    peer.up = False
    client.get("/readyz")
    assert caplog.messages == [
        "health check peer: down, not ready: ConnectionError: cannot reach http://user:***@host"
    ]


def test_a_check_that_fails_is_logged_once_a_minute_until_it_passes_again(
    client: FlaskClient, peer: Peer, clock: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for up, seconds, lines in ((False, 0, 1), (False, 59, 1), (False, 60, 2), (True, 61, 3)):
        peer.up, clock.now = up, 1000 + seconds
        for _ in range(3):
            client.get("/readyz")
        assert len(caplog.messages) == lines
    assert caplog.messages[-1] == "health check peer: up again"
    peer.up = False
    client.get("/readyz")
    assert len(caplog.messages) == 4


def test_the_workers_tell_it_once_together(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(health.Reporter, "reported_at", memoryview(mmap.mmap(-1, 64)).cast("d"))
    caplog.set_level(logging.INFO)
    first, second = (health.Reporter({"peer": peer.check}) for _ in range(2))
    child = os.fork()
    if not child:
        first.failed("peer", ConnectionError())
        os._exit(len(caplog.messages))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    second.failed("peer", ConnectionError())
    assert caplog.messages == []
    second.passed("peer")
    first.passed("peer")
    assert caplog.messages == ["health check peer: up again"]


def test_a_draining_service_is_alive_but_not_ready(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "ending", lambda: True)
    assert client.get("/readyz").get_json()["checks"]["lifecycle"] == "down"
    assert client.get("/livez").status_code == 200
