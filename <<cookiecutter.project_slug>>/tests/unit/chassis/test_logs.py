"""Logs: each record is one JSON object with the same fields, whatever it holds."""

import json
import logging
import re
import sys
from typing import Any

import gevent
import pytest
from flask import Flask

from << cookiecutter.package_name >> import SERVICE_NAME
from << cookiecutter.package_name >>.chassis import logs, tracing
from << cookiecutter.package_name >>.settings import LogSettings


def record(message: Any, *args: Any, exc_info: Any = None) -> logging.LogRecord:
    return logging.LogRecord(
        "a.logger", logging.WARNING, "/src/file.py", 12, message, args, exc_info, "function"
    )


def written(formatter: logs.JsonFormatter, entry: logging.LogRecord) -> dict[str, Any]:
    line = formatter.format(entry)
    assert "\n" not in line
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_a_record_has_all_fields() -> None:
    fields = written(logs.JsonFormatter(), record("%s of %d", "one", 2))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields.pop("timestamp"))
    assert fields == {
        "severity": "WARNING",
        "name": "a.logger",
        "module": "file",
        "funcName": "function",
        "lineno": 12,
        "message": "one of 2",
        "service": SERVICE_NAME,
        "trace": "",
        "span": "",
        "parent": "",
    }


def test_an_exception_is_part_of_the_message() -> None:
    try:
        raise ValueError("multi\nline")
    except ValueError:
        fields = written(logs.JsonFormatter(), record("failed", exc_info=sys.exc_info()))
    assert set(fields) == logs.FIELDS
    assert fields["message"].startswith("failed\nTraceback")
    assert fields["message"].endswith("ValueError: multi\nline")


def test_what_a_greenlet_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    hub = gevent.get_hub()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "print_exception", logs.print_exception)
        gevent.spawn(int, "nothing").join()
    (entry,) = caplog.records
    fields = written(logs.JsonFormatter(), entry)
    assert (fields["severity"], fields["name"]) == ("ERROR", "gevent")
    assert "ValueError: invalid literal" in fields["message"]


@pytest.mark.parametrize("message", ["half a pair: \ud800", {"a": 1}])
def test_no_record_is_lost(message: Any) -> None:
    assert written(logs.JsonFormatter(), record(message))["message"] == str(message)


def test_a_secret_does_not_reach_the_log() -> None:
    entry = record("calling with %s", {"Authorization": "Bearer abc.def"})
    for formatter in (logs.JsonFormatter(), logs.ConsoleFormatter()):
        assert "abc" not in formatter.format(entry)
    try:
        raise ValueError("password=hunter2")
    except ValueError:
        assert "hunter2" not in logs.JsonFormatter().format(record("x", exc_info=sys.exc_info()))


def test_a_line_has_no_further_fields() -> None:
    entry = record("hello")
    entry.extra = "more"
    assert set(written(logs.JsonFormatter(), entry)) == logs.FIELDS


def test_a_record_of_a_request_has_its_ids() -> None:
    app = Flask(__name__)
    tracing.init_app(app)
    with app.test_request_context():
        app.preprocess_request()
        fields = written(logs.JsonFormatter(), record("hello"))
        assert (fields["trace"], fields["span"]) == tracing.ids()[:2]
        assert fields["trace"]


def test_an_access_record_has_the_ids_of_its_request() -> None:
    entry = record("%(m)s")
    entry.args = {
        "m": "GET",
        "{trace_ids.trace}e": "t",
        "{trace_ids.span}e": "s",
        "{trace_ids.parent}e": "p",
    }
    fields = written(logs.AccessFormatter(), entry)
    assert set(fields) == logs.FIELDS
    assert [fields[key] for key in ("message", "trace", "span", "parent")] == ["GET", "t", "s", "p"]


def test_people_get_text(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.configure(LogSettings(format="console", level="WARNING"))
        logging.getLogger("a.logger").warning("hello")
        logging.getLogger("a.logger").info("not this")
    finally:
        root.handlers[:], root.level = before
    output = capsys.readouterr().out
    assert output.endswith("WARNING a.logger: hello\n")
