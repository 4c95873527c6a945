"""PostgreSQL: a statement that takes too long is given up."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import URL, Engine, create_engine, text

from << cookiecutter.package_name >>.chassis import postgresql
from << cookiecutter.package_name >>.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

PATH = "/v1/<< cookiecutter.__resource_path >>"


@pytest.fixture
def engine(migrated_url: URL) -> Iterator[Engine]:
    """Somebody else who uses the database."""
    engine = create_engine(migrated_url)
    yield engine
    engine.dispose()


def test_a_statement_that_takes_too_long_is_a_503(
    settings: Settings, make_app: Callable[..., Flask], engine: Engine
) -> None:
    database = settings.database.model_copy(update={"statement_timeout": 0.2})
    app = make_app(settings.model_copy(update={"database": database}))
    client = app.test_client()
    with engine.begin() as connection:
        table = "<< cookiecutter.resource_plural >>"
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        begun = time.monotonic()
        response = client.get(PATH)
        assert 0.1 < time.monotonic() - begun < 5
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.get_json()["detail"] == "The database took too long to answer."
    assert response.headers["Retry-After"]
    assert client.get(PATH).status_code == 200
    with app.app_context():
        assert app.extensions["sqlalchemy"].engine.pool.checkedout() == 0


@pytest.mark.parametrize("sure_seconds", [0, 60])
def test_a_connection_that_has_died_is_replaced_before_it_is_used(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch, sure_seconds: int
) -> None:
    monkeypatch.setattr(postgresql, "SURE_SECONDS", sure_seconds)
    client = app.test_client()
    assert client.get(PATH).status_code == 200
    with engine.begin() as connection:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        assert connection.execute(text(kill)).all()
    assert client.get(PATH).status_code == 200


def test_the_server_is_asked_about_a_connection_only_when_in_doubt(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        dialect = app.extensions["sqlalchemy"].engine.dialect
    asked: list[object] = []
    monkeypatch.setattr(dialect, "do_ping", asked.append)
    client = app.test_client()
    for sure_seconds, times in ((60, 0), (0, 2)):
        monkeypatch.setattr(postgresql, "SURE_SECONDS", sure_seconds)
        assert client.get(PATH).status_code == 200
        assert client.get(PATH).status_code == 200
        assert len(asked) == times
