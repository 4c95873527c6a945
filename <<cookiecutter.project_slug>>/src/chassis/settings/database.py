"""The settings of a database, whichever it is."""

from pydantic import Field, SecretStr

from .sections import Section

__all__ = ["DatabaseSettings"]


class DatabaseSettings(Section):
    """The database; https://docs.sqlalchemy.org/en/21/core/engines.html"""

    url: SecretStr = Field(description="SQLAlchemy URL, with the password")
    pool_size: int = Field(10, ge=1, description="Connections a worker keeps open")
    max_overflow: int = Field(10, ge=0, description="Further connections under load")
    pool_timeout: float = Field(15.0, gt=0, description="Seconds to wait for a connection")


def _check_database_url(settings: Settings) -> None:
    try:
        _check_url(settings.database.url.get_secret_value(), settings.environment)
    except ValueError as error:
        raise ConfigurationError(_fault(("database", "url"), str(error))) from None
