"""The logs: one JSON object a line, or text for people."""

from .output import (
    FIELDS,
    AccessFormatter,
    ConsoleFormatter,
    JsonFormatter,
    configuration,
    configure,
)

__all__ = [
    "FIELDS",
    "AccessFormatter",
    "ConsoleFormatter",
    "JsonFormatter",
    "configuration",
    "configure",
]
