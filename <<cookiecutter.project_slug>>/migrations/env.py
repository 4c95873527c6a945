"""Alembic's environment: the database and the tables are those of the service."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

migrate = current_app.extensions["migrate"]
database = migrate.db

# How long to wait on SQLite while another process migrates.
WAIT_SECONDS = 60
<% if cookiecutter.database == 'postgresql' %>

# Any number, the same for all who migrate this database: they wait for each other.
LOCK = 723_419_005
<% endif %>


def run() -> None:
    """Applies the migrations in one transaction."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            # SQLite has it too, but Alembic does not rely on it by itself.
            transactional_ddl=True,
            **migrate.configure_args,
        )
        with context.begin_transaction():
            _lock(connection)
            context.run_migrations()


def _lock(connection: Connection) -> None:
    """Waits until no other process migrates; the lock ends with the transaction."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}"))
        connection.execute(text("BEGIN IMMEDIATE"))
<% if cookiecutter.database == 'postgresql' %>
    else:
        # Neither waiting nor a migration is what the limit for statements is for.
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
<% endif %>


def print_statements() -> None:
    """Writes the SQL instead of running it (`db upgrade --sql`)."""
    context.configure(
        url=database.engine.url,
        target_metadata=database.metadata,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
        **migrate.configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_statements()
else:
    run()
