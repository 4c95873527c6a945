"""The settings of a database on PostgreSQL."""

from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from pydantic import Field
from sqlalchemy import URL

from .database import LOCATION, SQLITE, DatabaseSettings, parse_url
from .sources import fault

__all__ = ["PostgresqlSettings", "check_url"]

INSTEAD = {
    "connect_timeout": "set database.connect_timeout",
    "prepare_threshold": "set database.prepared_statements",
    "client_encoding": "it is always UTF8",
}
"""Parameters that a URL may not have, and what to do instead."""


class PostgresqlSettings(DatabaseSettings):
    """The database on PostgreSQL."""

    pool_pre_ping: bool = Field(
        True, description="Check a connection before use, and replace a dead one"
    )
    connect_timeout: int = Field(3, ge=1, description="Seconds to wait for the server")
    statement_timeout: float = Field(
        10.0, ge=0, description="Seconds a statement may take; 0: the limit of the server"
    )
    prepared_statements: bool = Field(
        True, description="Prepare frequent statements; off behind PgBouncer in transaction mode"
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
    if url.get_backend_name() == "postgresql":
        _check_parameters(url)


def _check_parameters(url: URL) -> None:
    """Refuses parameters of a URL that would fail, or be overridden, at each connection.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
    """
    for name in url.query:
        if name in INSTEAD:
            raise fault(LOCATION, f"the parameter {name} is not possible: {INSTEAD[name]}")
        try:
            make_conninfo(**{name: "1"})
        except ProgrammingError:
            raise fault(LOCATION, f"PostgreSQL has no parameter {name}") from None
