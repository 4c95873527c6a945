"""Flask-Migrate: the `db` commands.

Only the command line imports this module: Alembic would cost a worker 0.16 s at the start and 7 MiB.
"""

from importlib.util import find_spec
from typing import Any

from flask import Flask
from flask_migrate import Migrate

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Adds the `db` commands to an application with a database."""
    # In batches: SQLite changes a column only in a copy of the table, other databases in place.
    migrate = Migrate(app, app.extensions["sqlalchemy"], compare_type=True, render_as_batch=True)
    migrate.configure(_without_missing_formatter)


def _without_missing_formatter(config: Any) -> Any:
    """Switches the formatting of migrations off where the packages of development are not installed."""
    if find_spec("ruff") is None:
        config.file_config.remove_section("post_write_hooks")
    return config
