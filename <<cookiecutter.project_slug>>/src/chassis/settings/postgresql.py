"""The settings of a database on PostgreSQL."""

from pydantic import Field

from .database import DatabaseSettings

__all__ = ["PostgresqlSettings", "check_url"]


class PostgresqlSettings(DatabaseSettings):
    """The database on PostgreSQL."""

    pool_pre_ping: bool = Field(True, description="Replace a connection that is dead before use")
    connect_timeout: int = Field(3, ge=1, description="Seconds to wait for the server")
    statement_timeout: float = Field(
        10.0, ge=0, description="Seconds a statement may take; 0: as many as the server says"
    )
