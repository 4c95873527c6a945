"""Probes: alive whatever happens outside, ready only if all is well."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from << cookiecutter.package_name >>.chassis import health, lifecycle


class Peer:
    """Something that the service depends on."""

    up = True

    def check(self) -> None:
        if not self.up:
            raise ConnectionError("cannot reach user:password@host")


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def app(peer: Peer) -> Flask:
    app = Flask(__name__)
    lifecycle.init_app(app)
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
    assert "health check peer: ConnectionError" in caplog.text
    assert "password" not in caplog.text


def test_a_draining_service_is_alive_but_not_ready(app: Flask, client: FlaskClient) -> None:
    lifecycle.drain(app)
    assert client.get("/readyz").get_json()["checks"]["lifecycle"] == "down"
    assert client.get("/livez").status_code == 200
