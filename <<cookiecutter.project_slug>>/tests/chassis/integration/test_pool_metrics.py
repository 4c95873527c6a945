"""Metrics of the connection pool."""

from collections.abc import Callable

from flask import Flask
from prometheus_client import REGISTRY
from sqlalchemy import text
from tests.chassis.domain.settings import Settings


def value(name: str) -> float:
    found = REGISTRY.get_sample_value(name)
    assert found is not None, name
    return found


def test_connections_are_counted(app: Flask) -> None:
    in_use = value("db_pool_connections_in_use")
    opened = value("db_pool_connections_open")
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert value("db_pool_connections_in_use") == in_use + 1
        assert value("db_pool_connections_open") == opened + 1
    assert value("db_pool_connections_in_use") == in_use
    engine.dispose()
    assert value("db_pool_connections_open") == opened


def test_as_many_connections_may_be_open_as_the_settings_say(
    settings: Settings, make_app: Callable[..., Flask]
) -> None:
    limits = {"pool_size": 2, "max_overflow": 1}
    database = settings.database.model_copy(update=limits)
    app = make_app(settings.model_copy(update={"database": database}))
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    assert value("db_pool_connections_max") == 3
    held = [engine.connect() for _ in range(3)]
    assert engine.pool.checkedout() == 3
    for connection in held:
        connection.close()
