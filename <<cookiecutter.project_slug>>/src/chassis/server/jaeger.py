"""gunicorn's part in the Jaeger client: the last spans are sent."""

from typing import Any

from .parts import Part

__all__ = ["JaegerPart"]


class JaegerPart(Part):
    """The spans of a worker."""

    def worker_exit(self, worker: Any) -> None:
        """Sends the spans that are waiting."""
        # The client is imported with the application.
        from ..tracing import jaeger

        jaeger.stop()
