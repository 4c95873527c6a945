"""The settings of a database, whichever it is."""

from pydantic import Field, SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from .sections import Section
from .sources import fault

__all__ = ["DatabaseSettings"]

LOCATION = ("database", "url")
SQLITE = "sqlite://"


class DatabaseSettings(Section):
    """The database; https://docs.sqlalchemy.org/en/21/core/engines.html"""

    url: SecretStr = Field(description="SQLAlchemy URL, with the password")
    pool_size: int = Field(10, ge=1, description="Connections a worker keeps open")
    max_overflow: int = Field(10, ge=0, description="Further connections under load")
    pool_timeout: float = Field(15.0, gt=0, description="Seconds to wait for a connection")


def parse_url(database: DatabaseSettings, *prefixes: str, hint: str = "") -> URL:
    """Returns the parts of the URL of a database.

    Args:
        database: the settings of the database.
        prefixes: the possible beginnings of the URL; the first is recommended.
        hint: an addition to the message about a URL that is not valid.

    Raises:
        ConfigurationError: the URL has another beginning, or is not valid.
    """
    url = database.url.get_secret_value()
    if not url.startswith(prefixes):
        raise fault(LOCATION, f"has to begin with {prefixes[0]}")
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise fault(LOCATION, f"not a valid URL of a database{hint}") from None
    if url.startswith(SQLITE) and (parts.host or parts.username):
        message = "SQLite has no host: three slashes begin a path, four an absolute one"
        raise fault(LOCATION, message)
    return parts
