"""The logs: one JSON object a line, or text for people."""

from .output import (
    FIELDS,
    TRACE_CONTEXT,
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
    "TRACE_CONTEXT",
    "AccessFormatter",
    "ConsoleAccessFormatter",
    "ConsoleFormatter",
    "JsonFormatter",
    "configuration",
    "configure",
    "print_exception",
]
