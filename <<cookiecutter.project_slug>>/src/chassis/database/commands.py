"""Commands that use the database: an error is explained in one line, with what to do."""

import logging
import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from alembic.util import CommandError
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo
from sqlalchemy import URL
from sqlalchemy import exc as sql_errors

from ..redaction import redact
from . import migrations

__all__ = ["Group"]

CONNECTION_ADVICE = "check database.url, and that the database can be reached"
UPGRADE_ADVICE = 'run "db upgrade" first'
# The beginnings of Alembic's messages, and what to do.
ADVICE = {
    "Target database is not up to date": UPGRADE_ADVICE,
    "Can't locate revision": "the database has a migration that this version of the service does not have",
    "Multiple head revisions": 'two migrations follow the same migration: join them with "db merge heads"',
    "New upgrade operations detected": 'write a migration with "db migrate"',
    "Path doesn't exist": "run the command in the directory of the project",
}


class Group(FlaskGroup):
    """Flask's commands, those of the migrations, and those of the service."""

    def __init__(self, create_app: Callable[[], Flask], **options: Any) -> None:
        def create_app_with_migrations() -> Flask:
            app = create_app()
            migrations.init_app(app)
            return app

        super().__init__(create_app=create_app_with_migrations, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs a command.

        Raises:
            SystemExit: the command has failed; the message has the reason if it is the database or a migration.
        """
        # The message is printed here instead of in Flask-Migrate's log.
        logging.getLogger("flask_migrate").setLevel(logging.CRITICAL)
        try:
            return super().invoke(ctx)
        except SystemExit as error:
            # Flask-Migrate ends the process on an error of Alembic.
            if isinstance(error.__context__, CommandError | RuntimeError):
                raise SystemExit(explain_migration(error.__context__)) from None
            raise
        except (sql_errors.DBAPIError, sql_errors.TimeoutError, sqlite3.Error) as error:
            url = ctx.ensure_object(ScriptInfo).load_app().config["SQLALCHEMY_DATABASE_URI"]
            raise SystemExit(explain_database(error, url)) from None
        except Exception as error:
            if place_in_migration(error):
                raise SystemExit(explain_migration(error)) from None
            raise


def explain_database(error: Exception, url: URL) -> str:
    """Returns a line for an error of the database.

    Args:
        error: the error; its message may have several lines.
        url: the URL of the database; its password is hidden.
    """
    cause = getattr(error, "orig", None) or error
    reason = (str(cause).splitlines() or [type(cause).__name__])[0]
    # A driver may begin with the host, which this line shows already.
    reason = reason.rpartition(" failed: ")[2].removeprefix("FATAL:").strip()
    if place := place_in_migration(error):
        return redact(f"database: {_where(url)}: {place}: {reason}")
    if reason.startswith("no such table") or type(cause).__name__ == "UndefinedTable":
        advice = UPGRADE_ADVICE
    elif getattr(error, "statement", None) is None:
        advice = CONNECTION_ADVICE
    else:
        return redact(f"database: {_where(url)}: {reason}")
    return redact(f"database: {_where(url)}: {reason}; {advice}")


def explain_migration(error: BaseException) -> str:
    """Returns a line for an error of Alembic or of a migration."""
    text = " ".join(str(error).split())
    if place := place_in_migration(error):
        return redact(f"migrations: {place}: {type(error).__name__}: {text}")
    advice = [advice for beginning, advice in ADVICE.items() if text.startswith(beginning)]
    return redact("; ".join([f"migrations: {text.rstrip('.')}", *advice]))


def place_in_migration(error: BaseException) -> str | None:
    """Returns the file and the line of the migration that has raised an error; None if no migration has."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(frame.filename, frame.lineno) for frame in frames]
    if isinstance(error, SyntaxError):
        places.append((error.filename or "", error.lineno))
    for file, line in reversed(places):
        if Path(file).parent.name == "versions":
            return f"{Path(file).name}, line {line}"
    return None


def _where(url: URL) -> str:
    hosts = {key: value for key, value in url.query.items() if key in ("host", "port")}
    return url.set(query=hosts).render_as_string(hide_password=True)
