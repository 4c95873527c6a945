"""What is special about PostgreSQL: how to connect, and how long a statement may take."""

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
SURE_SECONDS = 5
"""For so long after its last use a connection lives that has nothing to tell."""

SESSION = {
    # psycopg reads dates and intervals in these formats alone.
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    # A number is read as it was written.
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    # SQLAlchemy compares the names of types with these.
    "quote_all_identifiers": "off",
    # With another one, what a transaction reads would be old, and PostgreSQL would refuse writes.
    "default_transaction_isolation": r"read\ committed",
}
"""What the service relies on, whatever the server, the database or the role is set to.

https://www.postgresql.org/docs/current/runtime-config-client.html
"""

# gevent's goes through its loop, even if it is not to wait: it takes 10 µs instead of 0.5, and lets others run
# for milliseconds while the request holds its connection.
_poll = get_original("select", "poll")


def engine_options(url: URL, settings: PostgresqlSettings) -> dict[str, Any]:
    """Returns the options of the engine for a database on PostgreSQL."""
    # A server that is gone without a word is noticed by the system, which would take a quarter of
    # an hour by itself; https://www.postgresql.org/docs/current/libpq-connect.html
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
    ours = " ".join(f"-c {name}={value}" for name, value in session.items())
    arguments["options"] = f"{url.query.get('options', '')} {ours}".strip()
    return {"connect_args": arguments}


def prepare(engine: Engine, settings: PostgresqlSettings) -> None:
    """Gets an engine ready for the requests."""
    if settings.pool_pre_ping:
        replace_dead_connections(engine)


def replace_dead_connections(engine: Engine) -> None:
    """Looks at each connection before it is used, and opens another one if it is dead.

    SQLAlchemy's `pool_pre_ping` asks the server each time, which costs as much as a small query. Here the server
    is asked only about a connection that has been idle for a while, or that has something to read: the server
    says good-bye, or the system has found that it is gone.
    """

    def put_back(connection: object, record: ConnectionPoolEntry) -> None:
        record.info[LAST_USED] = time.monotonic()

    def look(connection: Connection, record: ConnectionPoolEntry, proxy: object) -> None:
        used = record.info.get(LAST_USED)
        if used is None or (time.monotonic() - used < SURE_SECONDS and not _has_news(connection)):
            return
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]
        except Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", look)


def _has_news(connection: Connection) -> bool:
    if connection.closed:
        return True
    poll = _poll()
    poll.register(connection.fileno(), POLLIN)
    return bool(poll.poll(0))


def is_too_slow(cause: object) -> bool:
    """Whether the server has given up a statement that took longer than it may."""
    return isinstance(cause, QueryCanceled)
