"""PostgreSQL: the options of the engine, and the check of idle connections."""

import time
from select import POLLIN
from typing import Any

from gevent.monkey import get_original
from psycopg import Error
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from ..settings.postgresql import PostgresqlSettings
from .postgresql_connections import LimitedConnection, limit_waits
from .postgresql_errors import reason, replace_useless_connections
from .postgresql_session import PARAMETERS, as_options

__all__ = ["engine_options", "prepare", "prepare_check", "reason"]

LAST_USED = "last_used"
PING_AFTER_SECONDS = 5
"""The time after its last use from which a connection is checked by a query."""
PING_SECONDS = 2
"""The time that this query may take."""
MORE_SECONDS = 2
"""The time after `statement_timeout` in which the server has to say that it has cancelled a statement."""
CHECK_SECONDS = 4
"""The time that the readiness check may take; the probes of Kubernetes wait for five seconds."""

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
    session = dict(PARAMETERS)
    if settings.statement_timeout:
        session["statement_timeout"] = str(round(settings.statement_timeout * 1000))
    arguments["options"] = f"{url.query.get('options', '')} {as_options(session)}".strip()
    if not settings.prepared_statements:
        arguments["prepare_threshold"] = None
    # What the URL says of the connection is kept.
    own = {"options", *(set(arguments) - set(url.query))}
    return {"connect_args": {name: arguments[name] for name in arguments if name in own}}


def prepare(engine: Engine, settings: PostgresqlSettings) -> None:
    """Prepares an engine for the requests."""
    limit = settings.statement_timeout + MORE_SECONDS if settings.statement_timeout else None
    limit_waits(engine, limit)
    replace_useless_connections(engine)
    if settings.pool_pre_ping:
        replace_dead_connections(engine)


def prepare_check(engine: Engine) -> None:
    """Prepares an engine for the readiness check."""
    limit_waits(engine, CHECK_SECONDS / 2)


def replace_dead_connections(engine: Engine) -> None:
    """Checks each connection before its use, and replaces a dead connection.

    SQLAlchemy's `pool_pre_ping` sends a query each time, which costs as much as a small statement. Here a query
    is sent only if a connection has been idle for a while or has input: the server has closed the connection, or the
    system has noticed that the server is gone.
    """

    def put_back(connection: object, record: ConnectionPoolEntry) -> None:
        record.info[LAST_USED] = time.monotonic()

    def check(connection: LimitedConnection, record: ConnectionPoolEntry, proxy: object) -> None:
        used = record.info.get(LAST_USED)
        if used is None or (
            time.monotonic() - used < PING_AFTER_SECONDS and not _has_input(connection)
        ):
            return
        limit, connection.limit = connection.limit, PING_SECONDS
        try:
            engine.dialect.do_ping(connection)  # type: ignore[arg-type]
        except Error as error:
            raise InvalidatePoolError from error
        connection.limit = limit

    event.listen(engine, "checkin", put_back)
    event.listen(engine, "checkout", check)


def _has_input(connection: LimitedConnection) -> bool:
    if connection.closed:
        return True
    poll = _poll()
    poll.register(connection.fileno(), POLLIN)
    return bool(poll.poll(0))
