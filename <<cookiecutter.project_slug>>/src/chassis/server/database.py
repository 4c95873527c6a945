"""gunicorn's part in the database: the driver is imported once, and a worker closes its connections."""

from typing import Any

from sqlalchemy import make_url

from ..settings.database import DatabaseSettings
from .parts import Part

__all__ = ["DatabasePart"]


class DatabasePart(Part):
    """The driver of the database, and the connections of a worker."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self._settings = settings

    def load(self) -> None:
        """Imports the dialect; SQLAlchemy would do that when a worker makes its engine."""
        make_url(self._settings.url.get_secret_value()).get_dialect()

    def worker_exit(self, worker: Any) -> None:
        """Closes the connections."""
        # It imports Connexion, which the first process has to import in its own way.
        from .. import database

        if worker.booted:
            database.close(worker.wsgi)
