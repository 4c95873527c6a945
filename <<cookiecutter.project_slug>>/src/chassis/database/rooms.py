"""Tables that rooms of the chassis own: each such room has a chain of migrations and a version table of its own.

The migrations of the service change only its tables, whichever rooms there are: a room can be switched on when the service
has migrations and rows already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import MetaData

VERSION_TABLE = "alembic_version"
EXTENSION = "database-rooms"


@dataclass(frozen=True)
class RoomTables:
    """The tables of a room, and the migrations that create them.

    Raises:
        ValueError: a table is not named after the room.
    """

    room: str
    """The name of the room. Its tables have this name, or begin with it and an underscore."""
    metadata: MetaData
    """The tables after the last migration."""
    migrations: Path
    """The directory whose `versions` has the migrations. All run in one transaction, which no migration may end."""

    def __post_init__(self) -> None:
        for name in self.metadata.tables:
            if not _is_named_after(name, self.room):
                raise ValueError(f"table {name}: a table of {self.room} is named after it")

    @property
    def version_table(self) -> str:
        """The table that says which migrations of the room a database has."""
        return f"{VERSION_TABLE}_{self.room}"


def add_tables(app: Flask, tables: RoomTables) -> None:
    """Adds the tables of a room to those that `db upgrade` migrates."""
    app.extensions.setdefault(EXTENSION, []).append(tables)


def added_tables(app: Flask) -> Sequence[RoomTables]:
    """Returns the tables of rooms, in the order in which they were added."""
    tables: list[RoomTables] = app.extensions.get(EXTENSION, [])
    return tables


def is_of_a_room(table: str, tables: Iterable[str]) -> bool:
    """Whether a table belongs to a room, also to a room that the service does not have any more.

    Args:
        table: the name of a table.
        tables: the names of all tables in the database.
    """
    prefix = f"{VERSION_TABLE}_"
    rooms = [name.removeprefix(prefix) for name in tables if name.startswith(prefix)]
    return any(table == prefix + room or _is_named_after(table, room) for room in rooms)


def _is_named_after(table: str, room: str) -> bool:
    return table == room or table.startswith(f"{room}_")
