"""Flask-Migrate: the `db` commands."""

import logging
from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

EXTENSION = "migrate"
"""Where Flask-Migrate keeps what its commands need."""

# Alembic tells of each of its plugins on import.
logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)


class LateMigrate:
    """Makes room for Flask-Migrate when a command asks for it: who serves requests needs no Alembic."""

    def __init__(self, app: Flask, database: SQLAlchemy, **options: Any) -> None:
        self._app, self._database, self._options = app, database, options

    def __getattr__(self, name: str) -> Any:
        from flask_migrate import Migrate

        migrate = Migrate(self._app, self._database, **self._options)
        migrate.configure(_without_missing_formatter)
        return getattr(self._app.extensions[EXTENSION], name)


def init_app(app: Flask, database: SQLAlchemy) -> None:
    """Lets the application's database be migrated.

    Args:
        app: the application.
        database: the engine, and the tables as they should be.
    """
    # In batches: SQLite changes a column only in a copy of the table, others do it in place.
    app.extensions[EXTENSION] = LateMigrate(app, database, compare_type=True, render_as_batch=True)


def _without_missing_formatter(config: Any) -> Any:
    """Lets Alembic format no migration where the packages of development are not installed."""
    if find_spec("ruff") is None:
        config.file_config.remove_section("post_write_hooks")
    return config
