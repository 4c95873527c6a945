"""Whether a database has the migrations that the service needs.

In a rolling deployment a new version of the service meets the old schema, and the old version the new schema. A schema that
is behind lacks what the service uses. A schema that is ahead has migrations that the service does not know, and suits it,
because migrations are written so that the version before them works.

Alembic is not used: its import would cost each worker 0.16 s at the start and 7 MiB.
"""

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from sqlalchemy import Connection, String, column, inspect, select, table
from sqlalchemy.exc import OperationalError, ProgrammingError

from .rooms import VERSION_TABLE, added_tables

__all__ = ["Chain", "Schema", "SchemaBehindError", "read_chain"]


class SchemaBehindError(Exception):
    """The database lacks migrations."""

    state = "schema behind"
    """What the probes say."""


class Chain(NamedTuple):
    """The migrations of the service, or of a room."""

    version_table: str
    known: frozenset[str]
    heads: frozenset[str]
    """Those that no other one follows: a database that has these has all."""


class Schema:
    """What a database has to have.

    Args:
        app: the application, which has the tables of the rooms.
        migrations: the directory of the service's migrations; without one, no schema is checked.
    """

    def __init__(self, app: Flask, migrations: Path | None) -> None:
        self._app, self._migrations = app, migrations

    def check(self, connection: Connection) -> str | None:
        """Compares it with a database.

        Returns:
            A remark about a schema that is ahead.

        Raises:
            SchemaBehindError: the database lacks migrations.
            sqlalchemy.exc.SQLAlchemyError: the database does not answer.
        """
        ahead: set[str] = set()
        for chain in self._chains:
            found = _versions(connection, chain.version_table)
            unknown = found - chain.known
            if chain.heads and not unknown and found != chain.heads:
                has, needs = _names(found), _names(chain.heads)
                message = f"{chain.version_table} has {has} instead of {needs}"
                raise SchemaBehindError(f'{message}; run "db upgrade" first')
            ahead |= unknown
        return f"the schema is ahead: it has {_names(ahead)}" if ahead else None

    @cached_property
    def _chains(self) -> list[Chain]:
        if not self._migrations:
            return []
        of_rooms = added_tables(self._app)
        return [
            read_chain(self._migrations, VERSION_TABLE),
            *(read_chain(tables.migrations, tables.version_table) for tables in of_rooms),
        ]


def read_chain(directory: Path, version_table: str) -> Chain:
    """Reads which migrations there are in `versions` of a directory."""
    known: set[str] = set()
    followed: set[str] = set()
    for file in (directory / "versions").glob("*.py"):
        for name, revisions in _assigned(ast.parse(file.read_bytes())):
            if name == "revision":
                known |= revisions
            # Alembic removes both from the table of versions.
            elif name in ("down_revision", "depends_on"):
                followed |= revisions
    # Something else than a revision, such as the label of a branch, is left to Alembic.
    heads = known - followed if followed <= known else set()
    return Chain(version_table, frozenset(known), frozenset(heads))


def _assigned(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Gives what is assigned to the names of a module: one text or several."""
    for statement in module.body:
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign):
            target = statement.target
        else:
            continue
        if isinstance(target, ast.Name) and statement.value:
            nodes = ast.walk(statement.value)
            constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
            yield target.id, {value for value in constants if isinstance(value, str)}


def _versions(connection: Connection, version_table: str) -> set[str]:
    """Returns the last migrations that a database has."""
    statement = select(column("version_num", String)).select_from(table(version_table))
    try:
        return set(connection.scalars(statement))
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if inspect(connection).has_table(version_table):
            raise
        return set()


def _names(revisions: Iterable[str]) -> str:
    return ", ".join(sorted(revisions)) or "none"
