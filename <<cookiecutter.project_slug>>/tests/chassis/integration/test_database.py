"""The database: sessions end with their request, and what fails is said plainly."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from tests.chassis.domain import api
from tests.chassis.domain.settings import Settings

from chassis import database

PATH = "/v1/things"


def checked_out(app: Flask) -> int:
    with app.app_context():
        connections: int = app.extensions["sqlalchemy"].engine.pool.checkedout()
        return connections


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_a_connection_is_returned_after_an_error(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    held = []

    def fail(thing: object) -> None:
        held.append(checked_out(app))
        raise error

    client.post(PATH, json={"name": "First"})
    monkeypatch.setattr(api, "represent", fail)
    try:
        assert client.get(PATH).status_code == 500
    except KeyboardInterrupt:
        assert error is KeyboardInterrupt
    assert held == [1]
    assert checked_out(app) == 0


def test_a_pool_that_is_exhausted_is_a_503(
    settings: Settings, make_app: Callable[..., Flask]
) -> None:
    limits = {"pool_size": 1, "max_overflow": 1, "pool_timeout": 0.2}
    narrow = settings.database.model_copy(update=limits)
    app = make_app(settings.model_copy(update={"database": narrow}))
    client = app.test_client()
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with engine.connect(), engine.connect():
        response = client.get(PATH)
        assert (response.status_code, response.mimetype) == (503, "application/problem+json")
        assert response.get_json()["detail"] == "The service has too much to do at the moment."
        assert response.headers["Retry-After"]
        assert client.get("/readyz").status_code == 200
    assert client.get(PATH).status_code == 200
    assert checked_out(app) == 0


def test_the_pool_is_closed_at_the_end(app: Flask, client: FlaskClient) -> None:
    client.get(PATH)
    with app.app_context():
        pool = app.extensions["sqlalchemy"].engine.pool
    assert pool.checkedin() == 1
    database.close(app)
    assert pool.checkedin() == 0


def test_a_change_that_fails_is_rolled_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(session: Session) -> None:
        raise OperationalError("COMMIT", {}, Exception("password"))

    with monkeypatch.context() as patch:
        patch.setattr(Session, "commit", fail)
        response = client.post(PATH, json={"name": "First"})
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.headers["Retry-After"]
    assert "password" not in response.text
    assert client.get(PATH).get_json()["items"] == []


def test_an_answer_stays_if_the_database_goes_away_after_it(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine

    def fail(connection: object) -> None:
        raise OperationalError("ROLLBACK", {}, Exception("gone"))

    event.listen(engine, "rollback", fail)
    assert client.get(PATH).status_code == 200
    assert caplog.messages == ["database: gone"]
    event.remove(engine, "rollback", fail)
    assert client.get(PATH).status_code == 200
    assert not app.extensions["sqlalchemy"].session.registry.registry
    assert checked_out(app) == 0


def test_a_database_that_is_away_makes_the_service_unready(
    settings: Settings, make_app: Callable[..., Flask]
) -> None:
<% if cookiecutter.database == 'postgresql' %>
    url = SecretStr("postgresql+psycopg://u:secret@127.0.0.1:1/x")
<% else %>
    url = SecretStr("sqlite:////does/not/exist.db")
<% endif %>
    away = settings.database.model_copy(update={"url": url})
    client = make_app(settings.model_copy(update={"database": away})).test_client()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["checks"]["database"]) == (503, "down")
    assert client.get("/livez").status_code == 200
    response = client.get(PATH)
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert "secret" not in ready.text + response.text
