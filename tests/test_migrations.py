"""Migrations of the default service, as its owner writes and runs them, on both databases."""

import ast
import json
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import pytest

from .conftest import Bake
from .live import PASSWORD, Database, environment, free_address, run

# A process imports the models once: what is done with one state of them is done by one process.
DRIVER = """
import sys

import flask_migrate
from chassis.database import migrations
from color_palette.app import create_app
from color_palette.colors import service, table as of_table
from sqlalchemy import delete, inspect, select

name, *x_arg = sys.argv[1:]
app = create_app()
migrations.init_app(app)
with app.app_context():
    engine = app.extensions["sqlalchemy"].engine
    table = of_table.ColorRow.__table__
    if name == "start":
        flask_migrate.upgrade()
        injector = app.extensions["injector"]
        fields = {"name": "Red", "category": "warm", "priority": 1}
        injector.get(service.ColorService).create(fields)
    else:
        flask_migrate.migrate(message=name, x_arg=x_arg)
        flask_migrate.upgrade()
        flask_migrate.check()
        if name.startswith("drop"):
            with engine.begin() as connection:
                connection.execute(delete(table))
        flask_migrate.downgrade()
        flask_migrate.upgrade()
        flask_migrate.check()
    with engine.connect() as connection:
        for row in connection.execute(select(table)).mappings():
            print({key: str(value) for key, value in row.items()})
    columns = inspect(engine).get_columns(table.name)
    print([column["name"] for column in columns if column["default"]])
"""
TYPES = """

import decimal
import enum
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from chassis.resources.sql import UtcDateTime
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Cents(TypeDecorator[int]):
    impl = sa.BigInteger
    cache_ok = True
"""
COLUMNS = """
    text: Mapped[str] = mapped_column(String(80))
    counted: Mapped[int]
    big: Mapped[int] = mapped_column(sa.BigInteger, index=True)
    ratio: Mapped[float]
    amount: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(12, 2))
    done: Mapped[bool]
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    other: Mapped[UUID] = mapped_column(unique=True)
    size: Mapped[Size]
    kind: Mapped[str] = mapped_column(
        sa.Enum("a", "b", name="kind", native_enum=False, create_constraint=True)
    )
    data: Mapped[dict] = mapped_column(sa.JSON)
    price: Mapped[int] = mapped_column(Cents, default=100)
    ready: Mapped[bool] = mapped_column(default=False)
"""
# What PostgreSQL alone has.
MORE_COLUMNS = """
    tags: Mapped[list[str]] = mapped_column(postgresql.ARRAY(String(20)))
    sizes: Mapped[list[Size]] = mapped_column(postgresql.ARRAY(sa.Enum(Size, name="size")))
    facts: Mapped[dict] = mapped_column(postgresql.JSONB)
"""
TABLE = """

class Everything(tables.Base):
    __tablename__ = "everything"
    __table_args__ = (
        sa.CheckConstraint("counted > 0", name="counted_is_positive"),
        sa.UniqueConstraint("text", "counted"),
        sa.Index("ix_everything_lower_text", sa.text("lower(text)")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    color_id: Mapped[UUID] = mapped_column(sa.ForeignKey("colors.id", ondelete="CASCADE"), index=True)
    open: Mapped[bool] = mapped_column(server_default=sa.true())
    note: Mapped[str] = mapped_column(String(80), server_default="'it''s 100%' \\\\ :x")
"""
TEXT = 'it\'s "100%" \\ :x, größer'
GIVEN = {
    "text": TEXT,
    "counted": "0",
    "big": "9007199254740993",
    "ratio": "1.5",
    "amount": "12.50",
    "done": "true",
    "day": "2026-02-03",
    "at": "2026-02-03T04:05:06+01:00",
    "other": "6f2c8a1e-3b4d-4c5e-8f90-a1b2c3d4e5f6",
    "size": "SMALL",
    "kind": "b",
    "data": '{"a": [1, "b:c"]}',
}
GIVEN_MORE = {"tags": '{a,"b c"}', "sizes": "{LARGE}", "facts": '{"b": 2}'}
READ = GIVEN | {
    "done": "True",
    "at": "2026-02-03 03:05:06+00:00",
    "size": "Size.SMALL",
    "data": "{'a': [1, 'b:c']}",
    "price": "100",
    "ready": "False",
}
READ_MORE = {"tags": "['a', 'b c']", "sizes": "[<Size.LARGE: 'large'>]", "facts": "{'b': 2}"}


class Owner:
    """Changes the models of a copy of the service, and migrates its database."""

    def __init__(self, root: Path, variables: dict[str, str]) -> None:
        self.root = root
        self.variables = {**variables, "PYTHONPATH": "src"}
        self._models = root / "src" / "color_palette" / "colors" / "table.py"
        self._text = self._models.read_text(encoding="utf-8")

    def model(
        self, columns: str = "", tables: str = "", change: tuple[str, str] = ("", "")
    ) -> None:
        """Changes the models, as they were at first."""
        text = self._text.replace(*change) if change[0] else self._text
        head, class_, rest = text.partition("\n\nclass ColorRow(ResourceColumns, tables.Base):")
        last = "    priority: Mapped[int] = mapped_column(index=True)\n"
        assert last in rest
        rest = rest.replace(last, last + columns.strip("\n") + "\n")
        self._models.write_text(head + TYPES + class_ + rest + tables, encoding="utf-8")

    def migrate(self, name: str, *arguments: str) -> list[Any]:
        """Writes a migration and applies it, takes it back and applies it again.

        Returns the rows of the colors, and which of their columns have a default in the database.
        """
        result = run(self.root, "python", "-c", DRIVER, name, *arguments, **self.variables)
        assert result.returncode == 0, result.stdout + result.stderr
        return [ast.literal_eval(line) for line in result.stdout.splitlines() if line[0] in "{["]

    def call(self, *arguments: str, **variables: str) -> Any:
        """Runs a command of the service."""
        command = "from color_palette.cli import main; main()"
        return run(self.root, "python", "-c", command, *arguments, **self.variables, **variables)

    def make(self, *arguments: str) -> Any:
        """Runs a target of the service's Makefile."""
        return subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env=environment(**self.variables),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def migrations(self) -> list[Path]:
        """Returns the migrations, in the order in which they were written."""
        return sorted((self.root / "migrations" / "versions").glob("*.py"))

    def lint(self) -> None:
        """Checks the style of the migrations."""
        for command in ("check", "format --check"):
            result = run(self.root, "ruff", *command.split(), "migrations", **self.variables)
            assert result.returncode == 0, result.stdout


@pytest.fixture
def root(bake: Bake, default: Path, copy: Callable[[Path], Path]) -> Path:
    """A copy of the default service, which a test may change."""
    copied = copy(bake())
    (copied / ".venv").symlink_to(default / ".venv")
    return copied


@pytest.fixture(params=["sqlite", "postgresql"])
def owner(request: pytest.FixtureRequest, root: Path) -> Owner:
    """An owner of the service whose database is empty."""
    if request.param == "sqlite":
        url = f"sqlite:///{root}/test.db"
        return Owner(root, {"APP_ENVIRONMENT": "development", "APP_DATABASE__URL": url})
    database: Database = request.getfixturevalue("empty_database")
    return Owner(root, database.variables)


@pytest.mark.timeout(300)
def test_what_db_migrate_writes_runs_both_ways_and_is_clean(owner: Owner) -> None:
    more = "postgresql" in owner.variables["APP_DATABASE__URL"]
    columns = COLUMNS + MORE_COLUMNS * more
    owner.migrate("start")
    owner.model(tables=TABLE + columns)
    owner.migrate('add "everything" \\ a')
    owner.model(columns, tables=TABLE + columns)
    given = GIVEN | (GIVEN_MORE if more else {})
    arguments = [f"default.colors.{name}={value}" for name, value in given.items()]
    row, defaults = owner.migrate("add columns", *arguments)
    assert row.items() >= (READ | (READ_MORE if more else {})).items()
    assert defaults == []
    owner.model(change=("Mapped[str | None] = mapped_column(String(500))", "Mapped[str]"))
    owner.migrate("drop what was added", "default=none")
    owner.lint()
    assert [path.stem.split("_", 2)[-1] for path in owner.migrations()] == [
        "colors",
        "add_everything_a",
        "add_columns",
        "drop_what_was_added",
    ]


# What keeps a command from its work

COMMANDS = """
import json
import sys
from pathlib import Path

from click.testing import CliRunner
from color_palette.cli import main

for files, arguments, variables in json.load(sys.stdin):
    for name, text in files.items():
        Path("migrations", "versions", name).write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, arguments, env=variables)
    print(json.dumps([result.exit_code, *result.stdout.splitlines()]))
"""
MIGRATION = """
from alembic import op

revision = "{0}"
down_revision = "0001"


def upgrade() -> None:
    op.execute("CREATE TABLE kept (id integer)")
    {1}
"""
REACH = "check database.url, and that the database can be reached"


class Listener:
    """Listens for clients of PostgreSQL, and refuses their password or says nothing at all."""

    FATAL = b'SFATAL\0C28P01\0Mpassword authentication failed for user "app"\0\0'

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                threading.Thread(target=self._refuse, args=[client], daemon=True).start()

    def _refuse(self, client: socket.socket) -> None:
        while self._answers and (received := client.recv(1000)):
            if len(received) == 8:  # shall the connection be encrypted?
                client.sendall(b"N")
                continue
            client.sendall(b"E" + (4 + len(self.FATAL)).to_bytes(4, "big") + self.FATAL)
            client.close()
            return
        time.sleep(30)

    def close(self) -> None:
        """Ends."""
        self._socket.close()


def commands(root: Path, *cases: tuple[dict[str, str], str, dict[str, str]]) -> list[list[Any]]:
    """Runs commands one after another, and returns for each its status and what it printed."""
    # A file that changes within a second keeps what has been compiled of it.
    variables = {"PYTHONPATH": "src", "PYTHONDONTWRITEBYTECODE": "1"}
    result = subprocess.run(
        [str(root / ".venv" / "bin" / "python"), "-c", COMMANDS],
        input=json.dumps([(files, line.split(), variables) for files, line, variables in cases]),
        cwd=root,
        env=environment(**variables, APP_ENVIRONMENT="development"),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_database_that_cannot_be_reached_is_one_line(root: Path, postgresql: str) -> None:
    refusing, silent, nobody = Listener(answers=True), Listener(answers=False), free_address()
    parts = urlsplit(postgresql)
    missing = urlunsplit(parts._replace(scheme="postgresql+psycopg", path="/missing"))
    table = [
        (f"postgresql+psycopg://app:{PASSWORD}@{nobody}/app", "Connection refused"),
        (
            f"postgresql+psycopg://app:{PASSWORD}@{refusing.address}/app",
            'password authentication failed for user "app"',
        ),
        (
            f"postgresql+psycopg://app:{PASSWORD}@{silent.address}/app",
            "connection timeout expired",
        ),
        (missing, 'database "missing" does not exist'),
        (
            f"postgresql+psycopg://app:{PASSWORD}@nowhere.invalid/app",
            "failed to resolve host 'nowhere.invalid': [Errno -2] Name or service not known",
        ),
        (f"sqlite:///{root}/nowhere/test.db", "unable to open database file"),
        (f"sqlite:///{root}/README.md", "file is not a database"),
    ]
    names = ["db upgrade", "db current", "db check", "db migrate -m x", "db downgrade", "seed"]
    asked = [(url, reason, name) for url, reason in table for name in names]
    # A timeout takes its time.
    asked = [case for case in asked if case[0] != table[2][0] or case[2] == "db upgrade"]
    wait = {"APP_DATABASE__CONNECT_TIMEOUT": "2"}
    cases = [({}, name, {"APP_DATABASE__URL": url, **wait}) for url, _, name in asked]
    for (url, reason, name), result in zip(asked, commands(root, *cases), strict=True):
        where = url.replace(f":{PASSWORD}@", ":***@")
        status, line = result
        assert unquote(line) == unquote(f"database: {where}: {reason}; {REACH}"), name
        assert status == 1
    refusing.close()
    silent.close()


def test_migrations_that_cannot_be_applied_are_one_line(
    root: Path, empty_database: Database
) -> None:
    url = f"sqlite:///{root}/test.db"
    desk = {"APP_DATABASE__URL": url}
    server = {"APP_DATABASE__URL": empty_database.variables["APP_DATABASE__URL"]}
    fails = MIGRATION.format("0002", 'op.execute("INSERT INTO missing VALUES (1)")')
    stumbles = MIGRATION.format("0002", "op.nothing()")
    gone = {"0003_b.py": MIGRATION.format("0003", "pass")}
    results = commands(
        root,
        ({}, "db migrate -m x", desk),
        ({}, "seed", desk),
        ({"0002_a.py": fails}, "db upgrade", desk),
        ({}, "db upgrade", server),
        ({"0002_a.py": stumbles}, "db upgrade", server),
        ({"0002_a.py": "def"}, "db upgrade", server),
        ({"0002_a.py": MIGRATION.format("0002", "pass")} | gone, "db upgrade", server),
        ({}, "db -d elsewhere upgrade", server),
        ({}, "db upgrade 0002", desk),
        ({"0002_a.py": MIGRATION.format("0004", "pass")}, "db upgrade 0003", desk),
    )
    assert [status for status, *_ in results] == [1] * 8 + [0, 1]
    lines = ["\n".join(lines) for _, *lines in results]
    assert lines[:3] == [
        'migrations: Target database is not up to date; run "db upgrade" first',
        f'database: {url}: no such table: colors; run "db upgrade" first',
        f"database: {url}: 0002_a.py, line 10: no such table: missing",
    ]
    assert lines[3].startswith("database: postgresql+psycopg://postgres:***@")
    assert lines[3].endswith(': 0002_a.py, line 10: relation "missing" does not exist')
    assert lines[4].startswith("migrations: 0002_a.py, line 10: AttributeError: ")
    assert lines[5].startswith("migrations: 0002_a.py, line 1: SyntaxError: ")
    assert lines[6].startswith("migrations: Multiple head revisions are present")
    assert lines[6].endswith(
        '; two migrations follow the same migration: join them with "db merge heads"'
    )
    assert lines[7].endswith("; run the command in the directory of the project")
    assert lines[9] == (
        "migrations: Can't locate revision identified by '0002'; "
        "the database has a migration that this version of the service does not have"
    )
    assert not any("\n" in line for line in lines[:8])
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert empty_database.run(tables) == []


def test_rows_outlive_the_copy_of_the_table_that_they_refer_to(root: Path) -> None:
    file = root / "test.db"
    desk = {"APP_DATABASE__URL": f"sqlite:///{file}"}
    copies = MIGRATION.format(
        "0002", 'with op.batch_alter_table("colors", recreate="always"): pass'
    )
    orphans = MIGRATION.format("0002", 'op.execute("DELETE FROM colors")')
    child = "CREATE TABLE child (color CHAR(32) REFERENCES colors ON DELETE CASCADE)"
    assert commands(root, ({}, "db upgrade", desk), ({}, "seed --count 1", desk))[1][0] == 0
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(child)
        connection.execute("INSERT INTO child SELECT id FROM colors")
        connection.commit()
    result, upgraded = commands(
        root,
        ({"0002_a.py": orphans}, "db upgrade", desk),
        ({"0002_a.py": copies}, "db upgrade", desk),
    )
    assert result == [1, "migrations: a row of child refers to a row of colors that is gone"]
    assert upgraded == [0]
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute(
            "SELECT count(*) FROM child JOIN colors ON id = color"
        ).fetchone() == (1,)


def test_the_printed_statements_make_what_the_migrations_make(
    root: Path, empty_database: Database
) -> None:
    owner = Owner(root, empty_database.variables)
    printed = owner.call("db", "upgrade", "--sql")
    assert printed.returncode == 0
    assert "Running upgrade" in printed.stderr
    empty_database.run(printed.stdout)
    checked = owner.call("db", "check")
    assert (checked.returncode, checked.stdout) == (0, "No new upgrade operations detected.\n")


@pytest.mark.timeout(180)
def test_make_writes_migrations(root: Path) -> None:
    owner = Owner(root, {"APP_DATABASE__URL": f"sqlite:///{root}/test.db"})
    result = owner.make("db-migrate", "MESSAGE=nothing")
    assert (result.returncode, len(owner.migrations())) == (0, 1), result.stderr
    assert "Nothing to migrate" in result.stdout
    owner.model("    amount: Mapped[int]")
    result = owner.make("db-migrate", "MESSAGE=add amount")
    assert (result.returncode, len(owner.migrations())) == (2, 1)
    recipe = "existing rows need a value for colors.amount: give it with -x default=VALUE"
    assert recipe in result.stderr
    assert "Traceback" not in result.stderr
    result = owner.make("db-migrate", "MESSAGE=add amount", "DEFAULT=0")
    assert (result.returncode, len(owner.migrations())) == (0, 2), result.stderr
    owner.lint()
    assert owner.make("db-migrate").returncode == 2


def test_make_run_without_a_database_is_one_line(root: Path) -> None:
    url = f"postgresql+psycopg://app:{PASSWORD}@{free_address()}/app"
    result = Owner(root, {"APP_DATABASE__URL": url}).make("run")
    assert result.returncode == 2
    line, of_make = result.stderr.splitlines()
    assert line.startswith("database: ")
    assert of_make.startswith("make: ***")


# Tables that a room of the chassis owns

ROOM = '''"""Parcels: a room with tables."""

from pathlib import Path

from sqlalchemy import Column, Integer, MetaData, Table

from chassis.database import RoomTables

METADATA = MetaData()
PARCEL = Table("parcel", METADATA, Column("id", Integer, primary_key=True))
TABLES = RoomTables("parcel", METADATA, Path(__file__).with_name("migrations"))
'''
ROOM_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "parcel_{0}"
down_revision = {1!r}


def upgrade() -> None:
    {2}
"""
STATE = """
import json
import os
import sys

from sqlalchemy import create_engine, inspect, text

with create_engine(os.environ["APP_DATABASE__URL"]).connect() as connection:
    tables = {
        name: [str(value) for value in connection.scalars(text(f"SELECT * FROM {name}"))]
        for name in inspect(connection).get_table_names()
    }
print(json.dumps(tables))
"""


class OwnerOfRooms(Owner):
    """An owner who has three migrations and a row, and switches on a room that owns a table."""

    def prepare(self) -> None:
        """Writes and applies three migrations."""
        self.migrate("start")
        self.model("    amount: Mapped[int]")
        self.migrate("add amount", "default=5")
        self.model("    amount: Mapped[int]\n    note: Mapped[str | None]")
        self.migrate("add note")
        assert len(self.migrations()) == 3

    def switch_on(self) -> None:
        """Adds the room to the service."""
        room = self.root / "src" / "chassis" / "parcel"
        (room / "migrations" / "versions").mkdir(parents=True)
        (room / "__init__.py").write_text(ROOM, encoding="utf-8")
        self.write(
            1, None, 'op.create_table("parcel", sa.Column("id", sa.Integer, primary_key=True))'
        )
        self._change_app("    server,\n", "    parcel,\n    server,\n")
        line = "    database.add_tables(app, parcel.TABLES)\n"
        self._change_app("    contract.init_app(\n", line + "    contract.init_app(\n")

    def switch_off(self) -> None:
        """Removes the room."""
        shutil.rmtree(self.root / "src" / "chassis" / "parcel")
        self._change_app("    parcel,\n", "")
        self._change_app("    database.add_tables(app, parcel.TABLES)\n", "")

    def write(self, number: int, before: str | None, upgrade: str) -> Path:
        """Writes a migration of the room."""
        versions = self.root / "src" / "chassis" / "parcel" / "migrations" / "versions"
        file = versions / f"parcel_{number}.py"
        file.write_text(ROOM_MIGRATION.format(number, before, upgrade), encoding="utf-8")
        return file

    def db(self, *arguments: str) -> Any:
        """Runs a command that has to succeed."""
        result = self.call("db", *arguments, PYTHONDONTWRITEBYTECODE="1")
        assert result.returncode == 0, result.stdout + result.stderr
        return result

    def state(self) -> dict[str, list[str]]:
        """Returns the first values of the rows in each table."""
        result = run(self.root, "python", "-c", STATE, **self.variables)
        assert result.returncode == 0, result.stderr
        tables: dict[str, list[str]] = json.loads(result.stdout)
        return tables

    def _change_app(self, old: str, new: str) -> None:
        file = self.root / "src" / "color_palette" / "app.py"
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, old
        file.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def owner_of_rooms(owner: Owner) -> OwnerOfRooms:
    """An owner who has three migrations and a row."""
    owner = OwnerOfRooms(owner.root, owner.variables)
    owner.prepare()
    return owner


@pytest.mark.timeout(300)
def test_a_room_with_tables_can_be_switched_on_and_off_later(owner_of_rooms: OwnerOfRooms) -> None:
    owner = owner_of_rooms
    before = owner.state()
    assert len(before["colors"]) == 1
    owner.switch_on()
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: owner.db("upgrade"), range(4)):
            assert "Traceback" not in result.stderr
    of_room = {"parcel": [], "alembic_version_parcel": ["parcel_1"]}
    assert owner.state() == before | of_room
    assert "Running upgrade" not in owner.db("upgrade").stderr
    # The other commands are about the owner's tables.
    assert owner.db("check").stdout == "No new upgrade operations detected.\n"
    assert "Nothing to migrate" in owner.db("migrate", "-m", "nothing").stdout
    (head,) = before["alembic_version"]
    assert owner.db("heads").stdout == owner.db("current").stdout == f"{head} (head)\n"
    assert "parcel" not in owner.db("history").stdout
    owner.db("downgrade", "base")
    assert owner.state() == of_room | {"alembic_version": []}
    owner.db("upgrade")
    assert owner.state() == before | of_room | {"colors": []}
    owner.switch_off()
    assert owner.db("check").stdout == "No new upgrade operations detected.\n"
    assert "Nothing to migrate" in owner.db("migrate", "-m", "nothing").stdout
    assert len(owner.migrations()) == 3


@pytest.mark.timeout(300)
def test_a_migration_of_a_room_that_fails_leaves_all_as_it_was(
    owner_of_rooms: OwnerOfRooms,
) -> None:
    owner = owner_of_rooms
    before = owner.state()
    owner.switch_on()
    failing = owner.write(2, "parcel_1", 'op.execute("INSERT INTO missing VALUES (1)")')
    result = owner.call("db", "upgrade", PYTHONDONTWRITEBYTECODE="1")
    *_, line = result.stderr.splitlines()
    assert result.returncode == 1
    assert line.startswith("database: ")
    assert ": parcel_2.py, line 10: " in line
    assert "Traceback" not in result.stderr
    assert owner.state() == before
    failing.unlink()
    owner.db("upgrade")
    assert owner.state() == before | {"parcel": [], "alembic_version_parcel": ["parcel_1"]}


@pytest.mark.timeout(180)
def test_migrations_of_a_room_come_with_the_wheel(root: Path, empty_database: Database) -> None:
    owner = OwnerOfRooms(root, empty_database.variables)
    owner.switch_on()
    built = run(root, "uv", "build", "--wheel", "--no-build-isolation", "--offline", "--quiet")
    assert built.returncode == 0, built.stderr
    (wheel,) = (root / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(root / "installed")
    shutil.rmtree(root / "src")
    owner.variables["PYTHONPATH"] = "installed"
    empty_database.run(owner.db("upgrade", "--sql").stdout)
    of_room = {"parcel": [], "alembic_version_parcel": ["parcel_1"]}
    assert owner.state().items() >= of_room.items()
    assert "Running upgrade" not in owner.db("upgrade").stderr
    refused = owner.call("db", "upgrade", "--sql", "0001:head")
    *_, line = refused.stderr.splitlines()
    assert refused.returncode == 1
    assert line == (
        "migrations: which migration of parcel does the database have? "
        "Say -x parcel=REVISION, or -x parcel=base if it has none"
    )
    printed = owner.db("upgrade", "--sql", "-x", "parcel=parcel_1", "0001:head").stdout
    assert "CREATE TABLE" not in printed
