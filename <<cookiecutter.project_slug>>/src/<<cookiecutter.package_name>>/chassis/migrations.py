"""Flask-Migrate: the `db` commands."""

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

EXTENSION = "migrate"
"""Where Flask-Migrate keeps what its commands need."""


class LateMigrate:
    """Makes room for Flask-Migrate when a command asks for it: who serves requests needs no Alembic."""

    def __init__(self, app: Flask, database: SQLAlchemy, **options: Any) -> None:
        self._app, self._database, self._options = app, database, options

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        Migrate(self._app, self._database, **self._options)
        return getattr(self._app.extensions[EXTENSION], name)


def init_app(app: Flask, database: SQLAlchemy, *, in_batches: bool) -> None:
    """Lets the application's database be migrated.

    Args:
        app: the application.
        database: the engine, and the tables as they should be.
        in_batches: whether tables are copied to change them, as SQLite needs it.
    """
    app.extensions[EXTENSION] = LateMigrate(
        app, database, compare_type=True, render_as_batch=in_batches
    )
