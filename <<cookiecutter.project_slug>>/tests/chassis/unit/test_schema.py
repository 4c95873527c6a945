"""A database that lacks migrations is not ready, and one that has more is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.exc import OperationalError

from chassis.database import RoomTables, add_tables
from chassis.database.schema import Schema, SchemaBehindError, read_chain

MIGRATION = "revision: str = {!r}\ndown_revision = {!r}\nbranch_labels = None\ndepends_on = {!r}\n"


def write(directory: Path, revision: str, before: object = None, depends_on: object = None) -> None:
    """Writes a migration."""
    file = directory / "versions" / f"{revision}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(MIGRATION.format(revision, before, depends_on), encoding="utf-8")


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """A directory with two migrations."""
    write(tmp_path / "own", "0001")
    write(tmp_path / "own", "0002", "0001")
    return tmp_path / "own"


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection to an empty database."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def stamp(connection: Connection, *revisions: str, table: str = "alembic_version") -> None:
    """Makes the table of versions."""
    connection.execute(text(f"CREATE TABLE {table} (version_num VARCHAR(32))"))
    for revision in revisions:
        connection.execute(text(f"INSERT INTO {table} VALUES ('{revision}')"))
    connection.commit()


@pytest.mark.parametrize(("revisions", "has"), [(None, "none"), ([], "none"), (["0001"], "0001")])
def test_a_schema_that_is_behind_is_told(
    migrations: Path, connection: Connection, revisions: list[str] | None, has: str
) -> None:
    if revisions is not None:
        stamp(connection, *revisions)
    with pytest.raises(SchemaBehindError) as caught:
        Schema(Flask(__name__), migrations).check(connection)
    assert str(caught.value) == f'alembic_version has {has} instead of 0002; run "db upgrade" first'


@pytest.mark.parametrize(
    ("revision", "remark"), [("0002", None), ("0003", "the schema is ahead: it has 0003")]
)
def test_a_schema_that_is_current_or_ahead_suits(
    migrations: Path, connection: Connection, revision: str, remark: str | None
) -> None:
    stamp(connection, revision)
    assert Schema(Flask(__name__), migrations).check(connection) == remark


def test_the_tables_of_a_room_are_needed_too(
    migrations: Path, connection: Connection, tmp_path: Path
) -> None:
    app = Flask(__name__)
    schema = Schema(app, migrations)
    write(tmp_path / "parcel", "parcel_1")
    add_tables(app, RoomTables("parcel", MetaData(), tmp_path / "parcel"))
    stamp(connection, "0002")
    with pytest.raises(SchemaBehindError, match="alembic_version_parcel has none instead of"):
        schema.check(connection)
    stamp(connection, "parcel_1", table="alembic_version_parcel")
    assert schema.check(connection) is None


@pytest.mark.parametrize("migrations", [None, Path("nowhere")])
def test_without_migrations_no_schema_is_checked(
    connection: Connection, migrations: Path | None
) -> None:
    assert Schema(Flask(__name__), migrations).check(connection) is None


def test_a_table_of_versions_that_cannot_be_read_is_an_error(
    migrations: Path, connection: Connection
) -> None:
    connection.execute(text("CREATE TABLE alembic_version (other VARCHAR(32))"))
    with pytest.raises(OperationalError, match="version_num"):
        Schema(Flask(__name__), migrations).check(connection)


@pytest.mark.parametrize(
    ("before", "depends_on", "heads"),
    [
        ("0001", None, {"0002", "other"}),
        (("0001", "0002"), None, {"other"}),
        ("0001", "0002", {"other"}),
        ("0001", ["0002"], {"other"}),
        ("0001", "label@head", set()),
    ],
)
def test_the_last_migrations_are_those_that_alembic_stores(
    migrations: Path, before: object, depends_on: object, heads: set[str]
) -> None:
    write(migrations, "other", before, depends_on)
    chain = read_chain(migrations, "alembic_version")
    assert (set(chain.heads), set(chain.known)) == (heads, {"0001", "0002", "other"})
