"""Prometheus metrics of the connection pool."""

from flask import Flask
from prometheus_client import Gauge
from sqlalchemy import event

IN_USE = Gauge(
    "db_pool_connections_in_use",
    "Database connections that requests hold at the moment",
    multiprocess_mode="livesum",
)
OPEN = Gauge(
    "db_pool_connections_open",
    "Database connections, in use or idle",
    multiprocess_mode="livesum",
)


def init_app(app: Flask) -> None:
    """Counts the connections of the application's engine as they come and go."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "checkout", lambda *_: IN_USE.inc())
    event.listen(engine, "checkin", lambda *_: IN_USE.dec())
    event.listen(engine, "connect", lambda *_: OPEN.inc())
    event.listen(engine, "close", lambda *_: OPEN.dec())
