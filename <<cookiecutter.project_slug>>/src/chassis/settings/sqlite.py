"""The settings of a database that is SQLite everywhere."""

from pydantic import Field

from .database import LOCATION, SQLITE, DatabaseSettings, parse_url
from .sources import fault

__all__ = ["SqliteSettings", "check_url"]


class SqliteSettings(DatabaseSettings):
    """The file that is the database."""

    lock_timeout: int = Field(3, ge=1, description="Seconds to wait while another one writes")


def check_url(environment: str, database: SqliteSettings) -> None:
    """Refuses the URL of another database, and in production that of development.

    Args:
        environment: where the service runs.
        database: its settings.

    Raises:
        ConfigurationError: the URL is none, or of these.
    """
    url = parse_url(database, SQLITE)
    if environment == "production" and url.database in (None, "", ":memory:"):
        message = "a database in memory is for development only, give the path of a file"
        raise fault(LOCATION, message)
