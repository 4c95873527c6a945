"""The settings of a database that is SQLite everywhere."""

from pydantic import Field

from .database import DatabaseSettings

__all__ = ["SqliteSettings", "check_url"]


class SqliteSettings(DatabaseSettings):
    """The file that is the database."""

    lock_timeout: int = Field(3, ge=1, description="Seconds to wait while another one writes")
