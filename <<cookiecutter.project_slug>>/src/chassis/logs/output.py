"""Logs: one JSON object a line on standard output, with the ids of the request it belongs to."""

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
IDS = "trace_ids"
"""The key of `extra` for the ids of a line that does not belong to the current request."""

# What any record has; the rest is what `extra` adds.
_OWN = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "taskName", IDS}
_DEPTH = 5
# JSON has them as they are, but to many a reader of lines they are the end of one.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}

# No line tells of them, so nothing has to find them out for each record:
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
        log_data["trace"], log_data["span"], log_data["parent"] = self._ids(record)
        for name, value in self._more(record).items():
            log_data[f"extra_{name}" if name in FIELDS else name] = value

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """Writes the JSON; what orjson refuses, such as half a surrogate pair, is escaped."""
        try:
            line = orjson.dumps(log_data).decode()
        except (TypeError, ValueError):
            return json.dumps(log_data, default=str)
        return line if line.isascii() else line.translate(_LINE_ENDS)

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return _ids(record)

    def _more(self, record: logging.LogRecord) -> dict[str, Any]:
        return _extra(record)


class AccessFormatter(JsonFormatter):
    """Writes gunicorn's access line, which has its ids and its fields among the arguments."""

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return tracing.ids_of_access(record.args)

    def _more(self, record: logging.LogRecord) -> dict[str, Any]:
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
        ids = self._ids(record)
        shown = ids._asdict() if IDS in record.__dict__ else {"trace": ids.trace}
        fields = _extra(record) | shown
        pairs = [f" {name}={_in_text(value)}" for name, value in fields.items() if value != ""]
        return "".join([line, *pairs, newline, rest])

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return _ids(record)


class ConsoleAccessFormatter(ConsoleFormatter):
    """Writes gunicorn's access line, which has its ids among the arguments."""

    def _ids(self, record: logging.LogRecord) -> tracing.TraceIds:
        return tracing.ids_of_access(record.args)


def _ids(record: logging.LogRecord) -> tracing.TraceIds:
    ids: tracing.TraceIds | None = record.__dict__.get(IDS)
    return ids or tracing.ids()


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    """Returns what `extra` adds, as JSON can have it and without secrets."""
    attributes = record.__dict__
    if not attributes.keys() - _OWN:
        return {}
    return {name: _plain(name, attributes[name]) for name in attributes if name not in _OWN}


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
            # It logs whole requests and schemas; what fails is also raised, and told by problems.py.
            "connexion": {"level": "CRITICAL"},
        },
    }
