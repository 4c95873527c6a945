"""The lines that explain why a command has failed."""

import sqlite3
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import exc as sql_errors
from sqlalchemy import make_url

from chassis.database import commands

URL = make_url("sqlite:///service.db")


def raised(source: str, file: str) -> Exception:
    """Returns the error of some code in a file."""
    try:
        exec(compile(source, file, "exec"))
    except Exception as error:
        return error
    raise AssertionError("no error")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            sql_errors.OperationalError(None, None, sqlite3.OperationalError("locked")),
            "locked; check database.url, and that the database can be reached",
        ),
        (
            sql_errors.OperationalError(
                "SELECT 1", None, sqlite3.OperationalError("no such table: a")
            ),
            'no such table: a; run "db upgrade" first',
        ),
        (
            sql_errors.OperationalError("SELECT 1", None, sqlite3.OperationalError("disk is full")),
            "disk is full",
        ),
        (
            sqlite3.OperationalError("connection to 1.2.3.4 failed: FATAL:  no\nmore"),
            "no; check database.url, and that the database can be reached",
        ),
        (
            sqlite3.OperationalError(),
            "OperationalError; check database.url, and that the database can be reached",
        ),
    ],
)
def test_an_error_of_the_database_is_one_line(error: Exception, line: str) -> None:
    assert commands.explain_database(error, URL) == f"database: sqlite:///service.db: {line}"


def test_the_password_is_not_told_and_the_host_is() -> None:
    url = URL.set(username="app", password="opensesame", query={"host": "there", "key": "other"})
    line = commands.explain_database(sqlite3.OperationalError("no"), url)
    assert line.startswith("database: sqlite://app:***@/service.db?host=there: no; ")


def test_an_error_in_a_migration_names_its_place(tmp_path: Path) -> None:
    file = str(tmp_path / "versions" / "0002_a.py")
    error = raised("\n1 / 0", file)
    line = "migrations: 0002_a.py, line 2: ZeroDivisionError: division by zero"
    assert commands.explain_migration(error) == line
    code = "with closing(sqlite3.connect(':memory:')) as opened: opened.execute('SELECT')"
    error = raised(f"import sqlite3; from contextlib import closing\n{code}", file)
    line = "database: sqlite:///service.db: 0002_a.py, line 2: incomplete input"
    assert commands.explain_database(error, URL) == line
    assert commands.place_in_migration(raised("def", file)) == "0002_a.py, line 1"
    assert commands.place_in_migration(raised("1 / 0", "elsewhere.py")) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Target database is not up to date.", '; run "db upgrade" first'),
        ("Something else.", ""),
    ],
)
def test_an_error_of_alembic_has_an_advice_if_there_is_one(text: str, line: str) -> None:
    assert commands.explain_migration(CommandError(text)) == f"migrations: {text[:-1]}{line}"
