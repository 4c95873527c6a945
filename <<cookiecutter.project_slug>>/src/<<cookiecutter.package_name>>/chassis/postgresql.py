"""What is special about PostgreSQL: how to connect, and how long a statement may take."""

from typing import Any

from psycopg.errors import QueryCanceled
from sqlalchemy import URL

from ..settings import DatabaseSettings


def engine_options(url: URL, settings: DatabaseSettings) -> dict[str, Any]:
    """Returns the options of the engine for a database on PostgreSQL."""
    # A server that is gone without a word is noticed by the system, which would take a quarter of
    # an hour by itself; https://www.postgresql.org/docs/current/libpq-connect.html
    arguments: dict[str, Any] = {
        "connect_timeout": settings.connect_timeout,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }
    if settings.statement_timeout:
        milliseconds = round(settings.statement_timeout * 1000)
        given = url.query.get("options", "")
        arguments["options"] = f"{given} -c statement_timeout={milliseconds}".strip()
    return {"pool_pre_ping": settings.pool_pre_ping, "connect_args": arguments}


def is_too_slow(cause: object) -> bool:
    """Whether the server has given up a statement that took longer than it may."""
    return isinstance(cause, QueryCanceled)
