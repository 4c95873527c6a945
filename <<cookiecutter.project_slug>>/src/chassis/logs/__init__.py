"""The logs: one JSON object a line, or text for people."""

from .output import (
    FIELDS,
    IDS,
    AccessFormatter,
    ConsoleAccessFormatter,
    ConsoleFormatter,
    JsonFormatter,
    configuration,
    configure,
    print_exception,
)

__all__ = [
    "FIELDS",
    "IDS",
    "AccessFormatter",
    "ConsoleAccessFormatter",
    "ConsoleFormatter",
    "JsonFormatter",
    "configuration",
    "configure",
    "print_exception",
]
