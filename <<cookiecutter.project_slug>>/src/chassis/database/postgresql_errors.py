"""What PostgreSQL's errors mean for a client, and for the connections of the service.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

import time
from typing import NamedTuple

from psycopg import Error
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from .postgresql_connections import NoAnswerError

__all__ = ["reason", "replace_useless_connections"]

UNAVAILABLE = "The database is not available at the moment."
TOO_SLOW = "The database took too long to answer."
READ_ONLY = "The database takes no changes at the moment."
IN_THE_WAY = "Another request changes the same data."

SECONDS_BETWEEN_RENEWALS = 1
"""A server that stays read-only costs each write its connection, and all others theirs at most once in this time."""


class Meaning(NamedTuple):
    """What an error means."""

    reason: str | None
    """What the client is told with 503 and `Retry-After`; None: the service is at fault, which is 500."""
    renew: bool = False
    """Whether the connection, and with it all of the pool, is of no use any more."""


MEANINGS = {
    # The connection is lost, or was never made. PgBouncer's own errors have 08P01.
    "08": Meaning(UNAVAILABLE, renew=True),
    # After a failover, connections may lead to the server that is a standby now: others find the new primary.
    "25006": Meaning(READ_ONLY, renew=True),
    # The server has closed the connection: the transaction was idle, or as a whole took too long.
    "25P03": Meaning(TOO_SLOW, renew=True),
    "25P04": Meaning(TOO_SLOW, renew=True),
    # A pooler has given the connection another server connection, which does not know the prepared statement or has
    # another of its name: see `database.prepared_statements`.
    "26000": Meaning(UNAVAILABLE, renew=True),
    "42P05": Meaning(UNAVAILABLE, renew=True),
    # The user or the password is being changed.
    "28": Meaning(UNAVAILABLE),
    # The database is being restored or created.
    "3D000": Meaning(UNAVAILABLE),
    # Serialization failures and deadlocks: the transaction is rolled back, and succeeds if it is run again. Not 409:
    # the client's own request is right.
    "40": Meaning(IN_THE_WAY),
    # Disk, memory or connections are used up.
    "53": Meaning(UNAVAILABLE),
    # Another transaction holds the lock for longer than `lock_timeout`, or the object.
    "55006": Meaning(IN_THE_WAY),
    "55P03": Meaning(IN_THE_WAY),
    # The server shuts down, starts, or has lost the database.
    "57": Meaning(UNAVAILABLE, renew=True),
    # `statement_timeout`, or somebody has cancelled the statement.
    "57014": Meaning(TOO_SLOW),
    # The server's files or operating system.
    "58": Meaning(UNAVAILABLE),
}
"""The meaning of a class of errors, the first two characters of SQLSTATE, or of an error of it, all five.

Everything else is a fault of the service or of its schema: a statement that is wrong (42, 54), a value that its column does
not take (22), a rule that the repository does not know (23), a transaction that is used after an error (25P02), a
damaged database (XX). Sent again, such a request would fail again.
"""

FAULT = Meaning(None)
CHANGED_TABLE = Meaning(UNAVAILABLE, renew=True)
"""A migration has changed a type below a prepared statement, which is of no use on this connection any more."""


def meaning(error: SQLAlchemyError | None) -> Meaning:
    """Returns what an error means; None is an error that is not the database's."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, NoAnswerError):
        return Meaning(TOO_SLOW, renew=True)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # The driver could not connect, or has lost the connection.
        lost = isinstance(error, OperationalError | InterfaceError)
        return MEANINGS["08"] if lost else FAULT
    if state == "0A000" and isinstance(cause, Error):
        # Otherwise a feature that the server does not have.
        changed = cause.diag.source_function == "RevalidateCachedQuery"
        return CHANGED_TABLE if changed else FAULT
    return MEANINGS.get(state) or MEANINGS.get(state[:2], FAULT)


def reason(error: SQLAlchemyError) -> str | None:
    """Returns what a client is told with 503; None if the service is at fault, which is 500."""
    return meaning(error).reason


def replace_useless_connections(engine: Engine) -> None:
    """Closes connections that are of no use any more; SQLAlchemy itself notices only those that are closed."""
    renewed_at = float("-inf")

    def renew(context: ExceptionContext) -> None:
        nonlocal renewed_at
        if context.is_disconnect or not meaning(context.sqlalchemy_exception).renew:
            return
        context.is_disconnect = True
        now = time.monotonic()
        context.invalidate_pool_on_disconnect = now - renewed_at >= SECONDS_BETWEEN_RENEWALS
        if context.invalidate_pool_on_disconnect:
            renewed_at = now

    event.listen(engine, "handle_error", renew)
