"""Alembic's environment: the database and the tables are those of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, text

<% if cookiecutter.database == 'postgresql' %>
from chassis.database import autogenerate, enum_types
<% else %>
from chassis.database import autogenerate
<% endif %>

migrate = current_app.extensions["migrate"]
database = migrate.db

# How long to wait on SQLite while another process migrates.
WAIT_SECONDS = 60
<% if cookiecutter.database == 'postgresql' %>

# Any number, the same for all who migrate this database: they wait for each other.
LOCK = 723_419_005
# Neither waiting nor a migration is what these limits are for. Not every version of the server has all.
WITHOUT_LIMITS = """
    SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN (
        'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout'
    )
"""
<% endif %>


def run() -> None:
    """Applies the migrations in one transaction."""
    with database.engine.connect() as connection, _without_foreign_keys(connection):
        _configure(connection=connection)
        with context.begin_transaction():
<% if cookiecutter.database == 'postgresql' %>
            if connection.dialect.name == "postgresql":
                _wait_for_others()
            else:
                connection.execute(text("BEGIN IMMEDIATE"))
<% else %>
            connection.execute(text("BEGIN IMMEDIATE"))
<% endif %>
            context.run_migrations()
            _check_foreign_keys(connection)


def print_statements() -> None:
    """Writes the SQL instead of running it (`db upgrade --sql`)."""
    _configure(
        url=database.engine.url,
        literal_binds=True,
        dialect_opts={"paramstyle": "named"},
    )
    with context.begin_transaction():
<% if cookiecutter.database == 'postgresql' %>
        if context.get_context().dialect.name == "postgresql":
            # The service's own connections have it; who runs the script may not.
            context.execute("SET LOCAL timezone = 'UTC'")
            _wait_for_others()
<% endif %>
        context.run_migrations()


def _configure(**options: Any) -> None:
    context.configure(
        target_metadata=database.metadata,
        # SQLite has it too, but Alembic does not rely on it by itself.
        transactional_ddl=True,
<% if cookiecutter.database == 'postgresql' %>
        render_item=enum_types.render_item,
<% else %>
        render_item=autogenerate.render_item,
<% endif %>
        process_revision_directives=_complete,
        include_object=autogenerate.include_object,
        autogenerate_plugins=autogenerate.PLUGINS,
        **migrate.configure_args,
        **options,
    )


def _complete(_: object, __: object, scripts: list[Any]) -> None:
    """Completes what `db migrate` has found, or leaves nothing to write."""
    if not getattr(context.config.cmd_opts, "autogenerate", False):
        return
    (script,) = scripts
    if script.upgrade_ops.is_empty():
        context.config.print_stdout("Nothing to migrate: the database is as the models are.")
        scripts.clear()
        return
    autogenerate.fill_required_columns(script.upgrade_ops, context.get_x_argument())
<% if cookiecutter.database == 'postgresql' %>
    enum_types.manage(script.upgrade_ops, script.downgrade_ops, database.metadata)
<% endif %>


<% if cookiecutter.database == 'postgresql' %>
def _wait_for_others() -> None:
    """Waits until no other process migrates; the lock ends with the transaction."""
    context.execute(WITHOUT_LIMITS)
    context.execute(f"SELECT pg_advisory_xact_lock({LOCK})")


<% endif %>
@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Lets SQLite replace a table by a changed copy without a thought of the rows that refer to it.

    https://sqlite.org/lang_altertable.html#making_other_kinds_of_table_schema_changes
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.execute(text(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}"))
    connection.execute(text("PRAGMA foreign_keys = OFF"))
    connection.commit()
    try:
        yield
    finally:
        connection.execute(text("PRAGMA foreign_keys = ON"))


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for table, _, referred, _ in connection.execute(text("PRAGMA foreign_key_check")):
            raise CommandError(f"a row of {table} refers to a row of {referred} that is gone")


if context.is_offline_mode():
    print_statements()
else:
    run()
