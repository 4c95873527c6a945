"""Logs: each record is one JSON object with the same fields, whatever it holds."""

import json
import logging
import re
import sys
from decimal import Decimal
from typing import Any
from uuid import UUID

import gevent
import pytest
from flask import Flask

from chassis import logs, tracing
from chassis.settings import LogSettings

SERVICE = "things"


def record(message: Any, *args: Any, exc_info: Any = None) -> logging.LogRecord:
    return logging.LogRecord(
        "a.logger", logging.WARNING, "/src/file.py", 12, message, args, exc_info, "function"
    )


def written(formatter: logs.JsonFormatter, entry: logging.LogRecord) -> dict[str, Any]:
    line = formatter.format(entry)
    assert line.splitlines() == [line]
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_record_has_all_fields() -> None:
    fields = written(logs.JsonFormatter(SERVICE), record("%s of %d", "one", 2))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields.pop("timestamp"))
    assert fields == {
        "severity": "WARNING",
        "name": "a.logger",
        "module": "file",
        "funcName": "function",
        "lineno": 12,
        "message": "one of 2",
        "service": SERVICE,
        "trace": "",
        "span": "",
        "parent": "",
    }


def test_an_exception_is_part_of_the_message() -> None:
    try:
        raise ValueError("multi\nline")
    except ValueError:
        fields = written(logs.JsonFormatter(SERVICE), record("failed", exc_info=sys.exc_info()))
    assert set(fields) == logs.FIELDS
    assert fields["message"].startswith("failed\nTraceback")
    assert fields["message"].endswith("ValueError: multi\nline")


def test_what_a_greenlet_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    hub = gevent.get_hub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "print_exception", logs.print_exception)
        gevent.spawn(int, "nothing").join()
    (entry,) = caplog.records
    fields = written(logs.JsonFormatter(SERVICE), entry)
    assert (fields["severity"], fields["name"]) == ("ERROR", "gevent")
    assert "ValueError: invalid literal" in fields["message"]


@pytest.mark.parametrize("message", ["half a pair: \ud800", "a\x85b\u2028c\u2029d\u00e9", {"a": 1}])
def test_no_record_is_lost(message: Any) -> None:
    assert written(logs.JsonFormatter(SERVICE), record(message))["message"] == str(message)


def test_a_secret_does_not_reach_the_log() -> None:
    entry = record("calling with %s", {"Authorization": "Bearer abc.def"})
    for formatter in (logs.JsonFormatter(SERVICE), logs.ConsoleFormatter()):
        assert "abc" not in formatter.format(entry)
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        entry = record("x", exc_info=sys.exc_info())
    assert "hunter2" not in logs.JsonFormatter(SERVICE).format(entry)


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no text")


IDENTIFIER = "0af76519-16cd-43dd-8448-eb211c80319c"


@pytest.mark.parametrize(
    ("value", "json_value", "text"),
    [
        (5, 5, "5"),
        (0.5, 0.5, "0.5"),
        (2**70, 2**70, str(2**70)),
        (float("nan"), "nan", "nan"),
        (None, None, "null"),
        ("two words", "two words", '"two words"'),
        ("a\nb", "a\nb", '"a\\nb"'),
        (Decimal("1.10"), "1.10", "1.10"),
        (UUID(IDENTIFIER), IDENTIFIER, f'"{IDENTIFIER}"'),
        ({"a": [1, Decimal(2)]}, {"a": [1, "2"]}, '{"a": [1, "2"]}'),
        (Mute(), "<Mute>", "<Mute>"),
    ],
)
def test_extra_adds_fields(value: object, json_value: object, text: str) -> None:
    entry = record("hello")
    entry.invoice = value
    fields = written(logs.JsonFormatter(SERVICE), entry)
    assert fields.keys() - logs.FIELDS == {"invoice"}
    assert fields["invoice"] == json_value
    assert logs.ConsoleFormatter().format(entry).endswith(f"a.logger: hello invoice={text}")


def test_extra_ends_somewhere() -> None:
    entry, endless = record("hello"), {}  # type: ignore[var-annotated]
    endless["itself"] = endless
    entry.endless = endless
    assert "..." in json.dumps(written(logs.JsonFormatter(SERVICE), entry))


def test_extra_overrides_no_field() -> None:
    plain, entry = record("hello"), record("hello")
    entry.created = plain.created
    for name in ("timestamp", "severity", "service", "trace", "span", "parent"):
        setattr(entry, name, "other")
    fields, expected = (written(logs.JsonFormatter(SERVICE), each) for each in (entry, plain))
    assert expected.items() < fields.items()
    assert fields["extra_trace"] == "other"


def test_extra_has_no_secrets() -> None:
    entry, hidden = record("hello"), "hunter2"
    entry.app_password = hidden
    entry.url = f"https://app:{hidden}@host/app"
    entry.headers = {"Authorization": [f"Bearer {hidden}"], "Accept": "*/*"}
    entry.texts = [f"token={hidden}"]
    for formatter in (logs.JsonFormatter(SERVICE), logs.ConsoleFormatter()):
        line = formatter.format(entry)
        assert hidden not in line
        assert line.count("***") == 4
        assert "*/*" in line


def test_a_record_of_a_request_has_its_trace_context() -> None:
    app = Flask(__name__)
    tracing.init_app(app)
    with app.test_request_context():
        app.preprocess_request()
        fields = written(logs.JsonFormatter(SERVICE), record("hello"))
        assert (fields["trace"], fields["span"]) == tracing.current()[:2]
        assert fields["trace"]


TRACE = {"trace": "0af7651916cd43dd8448eb211c80319c", "span": "b7ad6b7169203331", "parent": ""}


def access(path: str | None) -> logging.LogRecord:
    atoms = {"h": "127.0.0.1", "m": "GET", "U": path, "s": "200", "D": 3210}
    entry = record("%(h)s %(m)s %(U)s")
    entry.args = atoms | {
        "{trace_context.trace_id}e": TRACE["trace"],
        "{trace_context.span_id}e": TRACE["span"],
        "{trace_context.parent_span_id}e": TRACE["parent"],
    }
    return entry


def test_an_access_record_has_the_trace_context_and_the_outcome_of_its_request() -> None:
    fields = written(logs.AccessFormatter(SERVICE), access("/things"))
    assert set(fields) == logs.FIELDS | {"method", "path", "status", "duration_ms"}
    assert fields["message"] == "127.0.0.1 GET /things"
    assert fields.items() >= TRACE.items()
    about = [fields[name] for name in ("method", "path", "status", "duration_ms")]
    assert about == ["GET", "/things", 200, 3.21]


def test_the_path_of_an_access_record_is_text_without_secrets() -> None:
    # WSGI has the bytes of a path as if they were Latin-1.
    fields = written(logs.AccessFormatter(SERVICE), access("/caf\u00c3\u00a9/token=hunter2"))
    assert fields["path"] == "/caf\u00e9/token=***"
    assert written(logs.AccessFormatter(SERVICE), access(None))["path"] == ""


def test_people_find_the_trace_that_a_problem_names() -> None:
    app = Flask(__name__)
    tracing.init_app(app)
    with app.test_request_context():
        app.preprocess_request()
        try:
            raise ValueError("multi\nline")
        except ValueError:
            entry = record("failed", exc_info=sys.exc_info())
        first, second, *_ = logs.ConsoleFormatter().format(entry).splitlines()
        assert first.endswith(f"WARNING a.logger: failed trace={tracing.current().trace_id}")
        assert second.startswith("Traceback")
    line = logs.ConsoleAccessFormatter().format(access("/things"))
    assert line.endswith(f"127.0.0.1 GET /things trace={TRACE['trace']}")


def test_people_get_text(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure(LogSettings(format="console", level="WARNING"), SERVICE)
        logging.getLogger("a.logger").warning("hello")
        logging.getLogger("a.logger").info("not this")
    finally:
        root.handlers[:], root.level = before
    output = capsys.readouterr().out
    assert output.endswith("WARNING a.logger: hello\n")
