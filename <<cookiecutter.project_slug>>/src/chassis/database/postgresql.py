"""PostgreSQL: the options of the engine, and the check of idle connections."""

import time
from select import POLLIN
from typing import Any

from gevent.monkey import get_original
from psycopg import Connection, Error
from psycopg.errors import QueryCanceled
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from ..settings.postgresql import PostgresqlSettings

__all__ = ["engine_options", "is_too_slow", "prepare"]

LAST_USED = "last_used"
PING_AFTER_SECONDS = 5
"""The time after its last use from which a connection is checked by a query."""

SESSION = {
    # psycopg reads dates and intervals in these formats alone.
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    # Numbers are read with all their digits.
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    # SQLAlchemy compares unquoted names of types.
    "quote_all_identifiers": "off",
    # With a higher level, a transaction would read old rows, and PostgreSQL would refuse writes.
    "default_transaction_isolation": r"read\ committed",
}
"""The parameters that the service relies on, whatever the server, the database or the role sets.

https://www.postgresql.org/docs/current/runtime-config-client.html
"""

# gevent's `poll` goes through its loop even without a timeout: it takes 10 µs instead of 0.5, and lets other
# greenlets run for milliseconds while the request holds its connection.
_poll = get_original("select", "poll")


def engine_options(url: URL, settings: PostgresqlSettings) -> dict[str, Any]:
    """Returns the options of the engine for a database on PostgreSQL."""
    # With these, the system notices within seconds that a server has disappeared, instead of after a
    # quarter of an hour; https://www.postgresql.org/docs/current/libpq-connect.html
    arguments: dict[str, Any] = {
        "connect_timeout": settings.connect_timeout,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "client_encoding": "UTF8",
    }
    session = dict(SESSION)
    if settings.statement_timeout:
        session["statement_timeout"] = str(round(settings.statement_timeout * 1000))
    parameters = " ".join(f"-c {name}={value}" for name, value in session.items())
    arguments["options"] = f"{url.query.get('options', '')} {parameters}".strip()
    return {"connect_args": arguments}


def prepare(engine: Engine, settings: PostgresqlSettings) -> None:
    """Prepares an engine for the requests."""
    if settings.pool_pre_ping:
        replace_dead_connections(engine)


def replace_dead_connections(engine: Engine) -> None:
    """Checks each connection before its use, and replaces a dead connection.

    SQLAlchemy's `pool_pre_ping` sends a query each time, which costs as much as a small statement. Here a query
    is sent only if a connection has been idle for a while or has input: the server has closed the connection, or the
    system has noticed that the server is gone.
    """

    def put_back(connection: object, record: ConnectionPoolEntry) -> None:
        record.info[LAST_USED] = time.monotonic()

    def check(connection: Connection, record: ConnectionPoolEntry, proxy: object) -> None:
        used = record.info.get(LAST_USED)
        if used is None or (
            time.monotonic() - used < PING_AFTER_SECONDS and not _has_input(connection)
        ):
            return
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]
        except Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", check)


def _has_input(connection: Connection) -> bool:
    if connection.closed:
        return True
    poll = _poll()
    poll.register(connection.fileno(), POLLIN)
    return bool(poll.poll(0))


def is_too_slow(cause: object) -> bool:
    """Whether the server has cancelled a statement that took too long."""
    return isinstance(cause, QueryCanceled)
