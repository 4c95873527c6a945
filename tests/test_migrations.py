"""Migrations of the default service, as its owner writes and runs them, on both databases."""

import ast
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest

from .conftest import Bake
from .live import Database, run

# A process imports the models once: what is done with one state of them is done by one process.
DRIVER = """
import sys

import flask_migrate
from color_palette.app import create_app
from color_palette.colors import service, sql
from sqlalchemy import delete, inspect, select

name, *x_arg = sys.argv[1:]
app = create_app()
with app.app_context():
    engine = app.extensions["sqlalchemy"].engine
    table = sql.ColorRow.__table__
    if name == "start":
        flask_migrate.upgrade()
        injector = app.extensions["injector"]
        injector.get(service.ColorService).create(name="Red", category="warm", priority=1)
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
from datetime import date

import sqlalchemy as sa
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

class Everything(Base):
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
TEXT = "it's \"100%\" \\ :x, größer"
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
        self._models = root / "src" / "color_palette" / "colors" / "sql.py"
        self._text = self._models.read_text(encoding="utf-8")

    def model(self, columns: str = "", tables: str = "", change: tuple[str, str] = ("", "")) -> None:
        """Changes the models, as they were at first."""
        text = self._text.replace(*change) if change[0] else self._text
        head, class_, rest = text.partition("\n\nclass ColorRow(Base):")
        last = "    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)\n"
        assert last in rest
        rest = rest.replace(last, last + columns.lstrip("\n"))
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
