"""Alembic's environment: how the `db` commands work on the service's database.

`db upgrade` applies the migrations of the chassis's rooms first, then those of the service: the service builds on
the chassis, so its migrations may use tables of a room, and never the other way round. All are one transaction,
under one lock: a migration that fails leaves the database as it was. The other commands know the service's migrations only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal, Protocol

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import Operations, ops
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, MetaData, inspect, text

from . import autogenerate
from .rooms import RoomTables, added_tables, is_of_a_room

__all__ = ["run"]

WAIT_SECONDS = 60
"""The time to wait on SQLite while another process migrates."""


class Server(Protocol):
    """The module of the migrations of a database server in this room."""

    def begin(self) -> None:
        """Waits until no other process migrates, and lifts the limits of time; both end with the transaction."""

    def complete(
        self, upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, metadata: MetaData
    ) -> None:
        """Completes the operations that `db migrate` has found."""

    def render_item(self, kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
        """Renders a part of a table, by Alembic's signature."""


def run(server: Server | None = None, **options: Any) -> None:
    """Runs a `db` command in one transaction, or prints its statements (`db upgrade --sql`).

    Args:
        server: the module of the database server; None for SQLite.
        options: further options of `context.configure`.

    Raises:
        alembic.util.CommandError: the command cannot be run.
    """
    migrate = current_app.extensions["migrate"]
    options = {
        "target_metadata": migrate.db.metadata,
        # SQLite supports it, too, but Alembic's default for SQLite is off.
        "transactional_ddl": True,
        "render_item": server.render_item if server else autogenerate.render_item,
        "process_revision_directives": partial(_complete, server, migrate.db.metadata),
        "include_object": _include_object,
        "autogenerate_plugins": autogenerate.PLUGINS,
        **migrate.configure_args,
        **options,
    }
    if context.is_offline_mode():
        url = migrate.db.engine.url
        context.configure(
            url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options
        )
        with context.begin_transaction():
            if server and url.get_backend_name() != "sqlite":
                server.begin()
            _run_migrations()
        return
    with migrate.db.engine.connect() as connection, _without_foreign_keys(connection):
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            if connection.dialect.name == "sqlite":
                connection.execute(text("BEGIN IMMEDIATE"))
            elif server:
                server.begin()
            _run_migrations()
            _check_foreign_keys(connection)


def _run_migrations() -> None:
    # The name of this function is the only sign of the command that Alembic runs.
    if context.get_context().opts["fn"].__name__ == "upgrade":
        for tables in added_tables(current_app):
            _upgrade_room(tables)
    context.run_migrations()


def _upgrade_room(tables: RoomTables) -> None:
    """Applies the missing migrations of a room, or prints their statements."""
    script = ScriptDirectory(tables.migrations)

    def missing(heads: tuple[str, ...], _: MigrationContext) -> Sequence[RevisionStep]:
        return script._upgrade_revs("heads", heads)  # type: ignore[arg-type]

    service = context.get_context()
    options = {
        **service.opts,
        "script": script,
        "version_table": tables.version_table,
        "fn": missing,
    }
    if service.as_sql:
        options["starting_rev"] = _start_of_statements(tables.room, service.opts["starting_rev"])
    room = MigrationContext(service.dialect, service.connection, options)
    with Operations.context(room):
        room.run_migrations()


def _start_of_statements(room: str, start_of_service: str | None) -> str | None:
    """Returns the migration of a room from which the printed statements start, as `-x` gives it."""
    given = context.get_x_argument(as_dictionary=True).get(room)
    if given is None and start_of_service not in (None, "base"):
        raise CommandError(
            f"which migration of {room} does the database have? Say -x {room}=REVISION, "
            f"or -x {room}=base if it has none"
        )
    return given


def _include_object(item: Any, name: str | None, kind: str, reflected: bool, model: object) -> bool:
    """Leaves out the tables of rooms, and constraints that belong to a type, by Alembic's signature."""
    if kind == "table" and reflected and model is None:
        return not is_of_a_room(str(name), inspect(context.get_bind()).get_table_names())
    return autogenerate.include_object(item, name, kind)


def _complete(server: Server | None, metadata: MetaData, *directives: Any) -> None:
    """Completes the operations that `db migrate` has found; without any, no migration is written."""
    if not getattr(context.config.cmd_opts, "autogenerate", False):
        return
    scripts: list[Any] = directives[-1]
    (script,) = scripts
    if script.upgrade_ops.is_empty():
        context.config.print_stdout("Nothing to migrate: the database is as the models are.")
        scripts.clear()
        return
    arguments = context.get_x_argument(as_dictionary=False)
    autogenerate.fill_required_columns(script.upgrade_ops, arguments)
    if server:
        server.complete(script.upgrade_ops, script.downgrade_ops, metadata)


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Lets SQLite replace a table by a changed copy while rows of other tables refer to it.

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
