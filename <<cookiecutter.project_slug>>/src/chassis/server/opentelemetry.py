"""gunicorn's part in OpenTelemetry: the SDK is imported once, and the last spans are sent."""

from typing import Any

from ..tracing import opentelemetry
from .parts import Part

__all__ = ["OpenTelemetryPart"]


class OpenTelemetryPart(Part):
    """The SDK, and the spans of a worker."""

    def load(self) -> None:
        """Imports the SDK, if it is on."""
        opentelemetry.load()

    def worker_exit(self, worker: Any) -> None:
        """Sends the spans that are waiting."""
        opentelemetry.stop()
