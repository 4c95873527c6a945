"""gunicorn's part in OpenTelemetry, with spans of SQL statements."""

from ..tracing import opentelemetry
from .opentelemetry import OpenTelemetryPart

__all__ = ["OpenTelemetrySqlPart"]


class OpenTelemetrySqlPart(OpenTelemetryPart):
    """The SDK, and the instrumentation of SQLAlchemy."""

    def load(self) -> None:
        """Imports both, if they are on."""
        super().load()
        if opentelemetry.enabled():
            from opentelemetry.instrumentation import sqlalchemy  # noqa: F401
