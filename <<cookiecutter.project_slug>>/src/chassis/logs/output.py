"""Logs: one JSON object a line on standard output, with the trace context of its request."""

import json
import logging
import logging.config
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import orjson
from pythonjsonlogger.orjson import OrjsonFormatter

from .. import tracing
from ..redaction import HIDDEN, redact
from ..settings import LogSettings

Stream = Literal["stdout", "stderr"]

TRACE_FIELDS = ("trace", "span", "parent")
"""The fields of the trace context: the trace id, the span id, and the span id of the parent."""
FIELDS = {
    "timestamp",
    "severity",
    "name",
    "module",
    "funcName",
    "lineno",
    "message",
    "service",
    *TRACE_FIELDS,
}
TRACE_CONTEXT = "trace_context"
"""The key of `extra` for the trace context of a line that does not belong to the current request."""

# The attributes of every record; all others come from `extra`.
_STANDARD_ATTRIBUTES = {
    *logging.makeLogRecord({}).__dict__,
    "message",
    "asctime",
    "taskName",
    TRACE_CONTEXT,
}
_DEPTH = 5
# JSON allows them unescaped, but many programs that read line by line end a line there.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

# No line has them, so no record needs them:
# https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = False
logging.logProcesses = False
logging.logMultiprocessing = False


class JsonFormatter(OrjsonFormatter):
    """Writes a record as a JSON object; a traceback is part of its message."""

    def __init__(self, service: str) -> None:
        """Writes lines of a service, under its name."""
        super().__init__()
        self._service = service

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Adds the fields that each line has, and those of `extra`, which override none of them."""
        time = datetime.fromtimestamp(record.created, UTC)
        log_data["timestamp"] = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data["severity"] = record.levelname
        log_data["name"] = record.name
        log_data["module"] = record.module
        log_data["funcName"] = record.funcName
        log_data["lineno"] = record.lineno
        message = str(record.msg) if isinstance(record.msg, dict) else record.message
        for field in ("exc_info", "stack_info"):
            if text := message_dict.get(field):
                message += f"\n{text}"
        log_data["message"] = redact(message)
        log_data["service"] = self._service
        log_data |= zip(TRACE_FIELDS, self._trace_context(record), strict=True)
        for name, value in self._added_fields(record).items():
            log_data[f"extra_{name}" if name in FIELDS else name] = value

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Writes the JSON; what orjson refuses, such as half a surrogate pair, is escaped."""
        try:
            line = orjson.dumps(log_data).decode()
        except (TypeError, ValueError):
            return json.dumps(log_data, default=str)
        return line if line.isascii() else line.translate(_LINE_ENDS)

    def _trace_context(self, record: logging.LogRecord) -> tracing.TraceContext:
        return _trace_context(record)

    def _added_fields(self, record: logging.LogRecord) -> dict[str, Any]:
        return _extra(record)


class AccessFormatter(JsonFormatter):
    """Writes gunicorn's access line, which has the trace context and the fields among its arguments."""

    def _trace_context(self, record: logging.LogRecord) -> tracing.TraceContext:
        return tracing.from_access_log(record.args)

    def _added_fields(self, record: logging.LogRecord) -> dict[str, Any]:
        atoms: Any = record.args
        if not isinstance(atoms, Mapping):
            return {}
        # https://docs.gunicorn.org/en/stable/settings.html#access-log-format
        # What gunicorn itself refuses has no path.
        path, status = atoms["U"] or "", atoms["s"]
        if not path.isascii():
            path = path.encode("latin-1", "replace").decode(errors="replace")
        return {
            "method": atoms["m"],
            "path": redact(path),
            "status": int(status) if status.isdecimal() else status,
            "duration_ms": atoms["D"] / 1000,
        }


class ConsoleFormatter(logging.Formatter):
    """Writes a record as a line for people, with the fields of `extra` and the trace at its end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        line, newline, rest = redact(super().format(record)).partition("\n")
        fields = _extra(record) | dict(zip(TRACE_FIELDS, self._trace_context(record), strict=True))
        if TRACE_CONTEXT not in record.__dict__:
            del fields["span"], fields["parent"]
        pairs = [f" {name}={_in_text(value)}" for name, value in fields.items() if value != ""]
        return "".join([line, *pairs, newline, rest])

    def _trace_context(self, record: logging.LogRecord) -> tracing.TraceContext:
        return _trace_context(record)


class ConsoleAccessFormatter(ConsoleFormatter):
    """Writes gunicorn's access line, which has the trace context among its arguments."""

    def _trace_context(self, record: logging.LogRecord) -> tracing.TraceContext:
        return tracing.from_access_log(record.args)


def _trace_context(record: logging.LogRecord) -> tracing.TraceContext:
    context: tracing.TraceContext | None = record.__dict__.get(TRACE_CONTEXT)
    return context or tracing.current()


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    """Returns what `extra` adds, as JSON can have it and without secrets."""
    attributes = record.__dict__
    if not attributes.keys() - _STANDARD_ATTRIBUTES:
        return {}
    return {
        name: _plain(name, attributes[name])
        for name in attributes
        if name not in _STANDARD_ATTRIBUTES
    }


def _plain(name: str, value: Any, depth: int = 0) -> Any:
    if _is_secret(name):
        return HIDDEN
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, int | date | UUID):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, Mapping) and depth < _DEPTH:
        return {str(key): _plain(str(key), inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEPTH:
        return [_plain(name, inner, depth + 1) for inner in value]
    try:
        return redact(str(value))
    except Exception:  # the line is worth more than the text of a value that has none
        return f"<{type(value).__name__}>"


@lru_cache(maxsize=1000)
def _is_secret(name: str) -> bool:
    """Whether a message would not show what stands after this name either."""
    return redact(f"{name}=value") != f"{name}=value"


def _in_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    # Quoted where it could be taken for more than one value, or would begin a line.
    plain = text.isprintable() and not set(text) & {" ", '"', "="}
    return text if plain or not isinstance(value, str) else json.dumps(text)


def print_exception(context: object, *error: Any) -> None:
    """Logs what a greenlet has raised, in place of gevent's method of this name.

    Args:
        context: what the greenlet did; it may have headers in it and is left out.
        error: what `sys.exc_info()` returns.
    """
    logging.getLogger("gevent").error("Unhandled error", exc_info=error)


def configure(settings: LogSettings, service: str, stream: Stream = "stdout") -> None:
    """Sets up logging for this process."""
    logging.config.dictConfig(configuration(settings, service, stream))


def configuration(settings: LogSettings, service: str, stream: Stream = "stdout") -> dict[str, Any]:
    """Returns the configuration of the `logging` module, for the service and for gunicorn.

    Args:
        settings: what is logged, and how.
        service: the name of the service, for each line.
        stream: where the lines go.
    """
    console = settings.format == "console"
    output = {"class": "logging.StreamHandler", "stream": f"ext://sys.{stream}"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "application": {"()": ConsoleFormatter}
            if console
            else {"()": JsonFormatter, "service": service},
            "access": {"()": ConsoleAccessFormatter}
            if console
            else {"()": AccessFormatter, "service": service},
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
            # Connexion logs whole requests and schemas; its errors are also raised, and problems.py reports them.
            "connexion": {"level": "CRITICAL"},
        },
    }
