"""Metrics of the connection pool."""

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text


def value(client: FlaskClient, name: str) -> float:
    match = re.search(rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    assert match, name
    return float(match[1])


def test_connections_are_counted(app: Flask, client: FlaskClient) -> None:
    in_use = value(client, "db_pool_connections_in_use")
    opened = value(client, "db_pool_connections_open")
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert value(client, "db_pool_connections_in_use") == in_use + 1
        assert value(client, "db_pool_connections_open") == opened + 1
    assert value(client, "db_pool_connections_in_use") == in_use
    engine.dispose()
    assert value(client, "db_pool_connections_open") == opened
