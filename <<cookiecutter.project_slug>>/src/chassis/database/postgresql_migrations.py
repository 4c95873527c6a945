"""Migrations on PostgreSQL: a lock, no limits of time, and types of enumerations."""

from alembic import context

from .enum_types import manage as complete
from .enum_types import render_item

__all__ = ["begin", "complete", "render_item"]

LOCK = 723_419_005
"""The key of the lock, any number, by which processes that migrate a database wait for each other."""

WITHOUT_LIMITS = """
    SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN (
        'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'
    )
"""
"""These limits are not meant for migrations and their lock. Not every version of the server has all of them."""


def begin() -> None:
    """Waits until no other process migrates; the lock ends with the transaction."""
    if context.is_offline_mode():
        # The service's connections have this time zone; the client that runs the script may not.
        context.execute("SET LOCAL timezone = 'UTC'")
    context.execute(WITHOUT_LIMITS)
    context.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
