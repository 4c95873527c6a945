"""Logs: one JSON object a line on standard output, with the ids of the request it belongs to."""

import json
import logging
import logging.config
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.orjson import OrjsonFormatter

from .. import SERVICE_NAME
from ..settings import LogSettings
from . import tracing
from .redaction import redact

FIELDS = {
    "timestamp",
    "severity",
    "name",
    "module",
    "funcName",
    "lineno",
    "message",
    "service",
    *tracing.TraceIds._fields,
}


# No line tells of them, so nothing has to find them out for each record:
# https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = False
logging.logProcesses = False
logging.logMultiprocessing = False


class JsonFormatter(OrjsonFormatter):
    """Writes a record as a JSON object; a traceback is part of its message."""

    def __init__(self) -> None:
        super().__init__(
            ["levelname", "name", "module", "funcName", "lineno", "message"],
            rename_fields={"levelname": "severity"},
        )

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Adds what the record does not know: the time as ISO 8601, the service, the request."""
        time = datetime.fromtimestamp(record.created, UTC)
        log_data["timestamp"] = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)
        for field in ("exc_info", "stack_info"):
            if text := log_data.pop(field, None):
                log_data["message"] += f"\n{text}"
        if isinstance(record.msg, dict):
            log_data["message"] = str(record.msg)
        log_data["message"] = redact(log_data["message"])
        log_data["service"] = SERVICE_NAME
        log_data.update(self._ids(record)._asdict())
        # A line has the same fields whoever writes it: what `extra` adds is left out.
        for field in log_data.keys() - FIELDS:
            del log_data[field]

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Writes the JSON; what orjson refuses, such as half a surrogate pair, is escaped."""
        try:
            return super().jsonify_log_record(log_data)
        except (TypeError, ValueError):
            return json.dumps(log_data, default=str)

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return tracing.ids()


class AccessFormatter(JsonFormatter):
    """Writes gunicorn's access line, which has its ids among the arguments of the record."""

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return tracing.ids_of_access(record.args)


class ConsoleFormatter(logging.Formatter):
    """Writes a record as a line for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def print_exception(context: object, *error: Any) -> None:
    """Logs what a greenlet has raised, in place of gevent's method of this name.

    Args:
        context: what the greenlet did; it may have headers in it and is left out.
        error: what `sys.exc_info()` returns.
    """
    logging.getLogger("gevent").error("Unhandled error", exc_info=error)


def configure(settings: LogSettings) -> None:
    """Sets up logging for this process."""
    logging.config.dictConfig(configuration(settings))


def configuration(settings: LogSettings) -> dict[str, Any]:
    """Returns the configuration of the `logging` module, for the service and for gunicorn."""
    console = settings.format == "console"
    output = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "application": {"()": ConsoleFormatter if console else JsonFormatter},
            "access": {"()": ConsoleFormatter if console else AccessFormatter},
        },
        "handlers": {
            "application": {**output, "formatter": "application"},
            "access": {**output, "formatter": "access"},
        },
        "root": {"level": settings.level, "handlers": ["application"]},
        "loggers": {
            "gunicorn.error": {
                "level": settings.level,
                "handlers": ["application"],
                "propagate": False,
            },
            "gunicorn.access": {"level": "INFO", "handlers": ["access"], "propagate": False},
<% if cookiecutter.__has_database %>
            # Alembic tells of each of its plugins on import.
            "alembic.runtime.plugins": {"level": "WARNING"},
<% endif %>
<% if cookiecutter.http_client %>
            # It tells of each retry with the whole URL.
            "urllib3.connectionpool": {"level": "ERROR"},
<% endif %>
            # It logs whole requests and schemas; what fails is also raised, and told by problems.py.
            "connexion": {"level": "CRITICAL"},
        },
    }
