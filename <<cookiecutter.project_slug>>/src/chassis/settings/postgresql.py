"""The settings of a database on PostgreSQL."""

from pydantic import Field

from .database import LOCATION, SQLITE, DatabaseSettings, parse_url
from .sources import fault

__all__ = ["PostgresqlSettings", "check_url"]


class PostgresqlSettings(DatabaseSettings):
    """The database on PostgreSQL."""

    pool_pre_ping: bool = Field(
        True, description="Check a connection before use, and replace a dead one"
    )
    connect_timeout: int = Field(3, ge=1, description="Seconds to wait for the server")
    statement_timeout: float = Field(
        10.0, ge=0, description="Seconds a statement may take; 0: the limit of the server"
    )


def check_url(environment: str, database: PostgresqlSettings) -> None:
    """Refuses the URL of another database, and SQLite in production.

    Args:
        environment: the environment of the service.
        database: the settings of the database.

    Raises:
        ConfigurationError: the URL is not valid or not allowed.
    """
    # The port is the only part that SQLAlchemy checks.
    hint = ", several hosts are given as ?host=first:5432&host=second:5432"
    prefixes = ("postgresql+psycopg://", "postgresql://", SQLITE)
    url = parse_url(database, *prefixes, hint=hint)
    if environment == "production" and url.get_backend_name() == "sqlite":
        message = "SQLite is for development only, give the URL of a PostgreSQL server"
        raise fault(LOCATION, message)
