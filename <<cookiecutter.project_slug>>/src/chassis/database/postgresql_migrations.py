"""Migrations on PostgreSQL: a lock, no limits of time, and types of enumerations."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, text

from .enum_types import manage as complete
from .enum_types import render_item
from .postgresql_session import PARAMETERS

__all__ = ["alone", "alone_in_script", "complete", "render_item"]

LOCK = 723_419_005
"""The key of the lock, any number, by which processes that migrate a database wait for each other."""

POLL_SECONDS = 0.2

WITHOUT_LIMITS = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN (
        'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'
    )
"""
"""These limits are not meant for migrations and their lock. Not every version of the server has all of them."""

LOCK_IN_SCRIPT = f"""DO $$ BEGIN
    WHILE NOT pg_try_advisory_lock({LOCK}) LOOP
        COMMIT;
        PERFORM pg_sleep({POLL_SECONDS});
    END LOOP;
END $$"""
"""Asked again and again: CREATE INDEX CONCURRENTLY would wait for whoever waits inside of a statement."""


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Waits until no other process migrates; the lock and the lack of limits end with the connection.

    Both outlast the transaction, because a migration may end it by `autocommit_block()`.
    """
    driver = connection.connection.driver_connection
    if driver is not None:
        driver.limit = None
    connection.execute(text(WITHOUT_LIMITS))
    # As in LOCK_IN_SCRIPT.
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({LOCK})")):
        connection.commit()
        time.sleep(POLL_SECONDS)
    connection.commit()
    try:
        yield
    finally:
        # Closed, instead of being given to somebody else as it is.
        connection.invalidate()


@contextmanager
def alone_in_script() -> Iterator[None]:
    """Prints the statements that do the same for the session that runs the script.

    They come before the transaction, because a migration may end it by `autocommit_block()`.
    """
    # The service's connections have these parameters; the client that runs the script may not.
    for name, value in PARAMETERS.items():
        context.execute(f"SET {name} = '{value}'")
    context.execute(WITHOUT_LIMITS)
    context.execute(LOCK_IN_SCRIPT)
    yield
    context.execute(f"SELECT pg_advisory_unlock({LOCK})")
