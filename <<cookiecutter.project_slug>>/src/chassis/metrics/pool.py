"""Prometheus metrics of the connection pool."""

from typing import Any

from flask import Flask
from prometheus_client import Gauge
from sqlalchemy import QueuePool, event

from ..settings.database import DatabaseSettings

__all__ = ["init_app"]

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
MAX = Gauge(
    "db_pool_connections_max",
    "Database connections that the workers may open; 0 for a database in memory",
    multiprocess_mode="livesum",
)


def init_app(app: Flask, settings: DatabaseSettings) -> None:
    """Counts the connections of the application's engine as they are opened, used and closed."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    if isinstance(engine.pool, QueuePool):
        MAX.set(settings.pool_size + settings.max_overflow)
    event.listen(engine, "checkout", _check_out)
    event.listen(engine, "checkin", _check_in)
    event.listen(engine, "connect", lambda *_: OPEN.inc())
    event.listen(engine, "close", lambda *_: OPEN.dec())


def _check_out(connection: object, record: Any, proxy: object) -> None:
    record.record_info["in_use"] = True
    IN_USE.inc()


def _check_in(connection: object, record: Any) -> None:
    # A connection that could not be checked out is checked in all the same.
    if record.record_info.pop("in_use", False):
        IN_USE.dec()
