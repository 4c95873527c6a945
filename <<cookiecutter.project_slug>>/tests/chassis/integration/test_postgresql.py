"""PostgreSQL: its own settings do not matter, and a statement that takes too long is given up."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from tests.chassis.domain.settings import Settings
from tests.chassis.domain.sql import Base

from chassis.database import postgresql

pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

PATH = "/v1/things"


@pytest.fixture
def engine(service_settings: Settings) -> Iterator[Engine]:
    """Somebody else who uses the database."""
    engine = create_engine(service_settings.database.url.get_secret_value())
    yield engine
    engine.dispose()


HOSTILE = {
    "timezone": "Asia/Kathmandu",
    "datestyle": "German, DMY",
    "intervalstyle": "iso_8601",
    "client_encoding": "LATIN1",
    "bytea_output": "escape",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "default_transaction_isolation": "serializable",
    "quote_all_identifiers": "on",
}


@pytest.fixture
def hostile(engine: Engine) -> Iterator[None]:
    """A database that is set as no service expects; new connections have it."""
    name = engine.url.database
    with engine.begin() as connection:
        for setting, value in HOSTILE.items():
            connection.execute(text(f"ALTER DATABASE {name} SET {setting} = '{value}'"))
    yield
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} RESET ALL"))


@pytest.mark.usefixtures("hostile")
def test_the_settings_of_the_database_do_not_matter(
    settings: Settings, make_app: Callable[..., Flask]
) -> None:
    app = make_app(settings)
    client = app.test_client()
    created = client.post(PATH, json={"name": "Größe ✓ \\"})
    assert created.status_code == 201, created.text
    assert client.get(PATH).get_json()["items"] == [created.get_json()]
    with app.app_context():
        with app.extensions["sqlalchemy"].engine.connect() as connection:
            found = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(found, Base.metadata) == []
        session = app.extensions["sqlalchemy"].session
        ratio = 0.1 + 0.2
        row = session.execute(
            text("SELECT CAST(:ratio AS double precision), interval '1 day 2 hours', now()"),
            {"ratio": ratio},
        ).one()
        assert tuple(row[:2]) == (ratio, timedelta(days=1, hours=2))
        assert row[2].utcoffset() == timedelta(0)
        level = session.execute(text("SHOW transaction_isolation")).scalar_one()
        assert level == "read committed"


def test_a_statement_that_takes_too_long_is_a_503(
    settings: Settings, make_app: Callable[..., Flask], engine: Engine
) -> None:
    database = settings.database.model_copy(update={"statement_timeout": 0.2})
    app = make_app(settings.model_copy(update={"database": database}))
    client = app.test_client()
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE things IN ACCESS EXCLUSIVE MODE"))
        begun = time.monotonic()
        response = client.get(PATH)
        assert 0.1 < time.monotonic() - begun < 5
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.get_json()["detail"] == "The database took too long to answer."
    assert response.headers["Retry-After"]
    assert client.get(PATH).status_code == 200
    with app.app_context():
        assert app.extensions["sqlalchemy"].engine.pool.checkedout() == 0


@pytest.mark.parametrize("ping_after_seconds", [0, 60])
def test_a_connection_that_has_died_is_replaced_before_it_is_used(
    app: Flask, engine: Engine, monkeypatch: pytest.MonkeyPatch, ping_after_seconds: int
) -> None:
    monkeypatch.setattr(postgresql, "PING_AFTER_SECONDS", ping_after_seconds)
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
    for ping_after_seconds, times in ((60, 0), (0, 2)):
        monkeypatch.setattr(postgresql, "PING_AFTER_SECONDS", ping_after_seconds)
        assert client.get(PATH).status_code == 200
        assert client.get(PATH).status_code == 200
        assert len(asked) == times
