"""The settings of a database that is SQLite everywhere."""

from pydantic import Field

from .database import LOCATION, SQLITE, DatabaseSettings, parse_url
from .sources import fault

__all__ = ["SqliteSettings", "check_url"]


class SqliteSettings(DatabaseSettings):
    """The database in a file."""

    lock_timeout: int = Field(
        3, ge=1, description="Seconds to wait while another connection writes"
    )


def check_url(environment: str, database: SqliteSettings) -> None:
    """Refuses the URL of another database, and in production a database in memory.

    Args:
        environment: the environment of the service.
        database: the settings of the database.

    Raises:
        ConfigurationError: the URL is not valid or not allowed.
    """
    url = parse_url(database, SQLITE)
    if environment == "production" and url.database in (None, "", ":memory:"):
        message = "a database in memory is for development only, give the path of a file"
        raise fault(LOCATION, message)
