"""The start: an error is reported once, and briefly."""

import logging
import re
from typing import Any

import pytest
import yaml

from chassis import start

LOG = logging.getLogger("gunicorn.error")
PACKAGE = "things"


@pytest.mark.parametrize("asks", [1, 3])
def test_only_the_first_process_claims_an_action(asks: int) -> None:
    once = start.Once()
    assert sum(once.claim() for _ in range(asks)) == 1


def test_words_end_the_process(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(SystemExit, match=r"^what, where$"), start.or_exit():
        raise start.StartError("what, where")
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert record.exc_info
    with start.or_exit():
        pass


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long each worker has waited until gunicorn ended it; no test waits."""
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    return waits


def test_the_first_worker_that_ends_reports_the_reason(
    capsys: pytest.CaptureFixture[str], waits: list[float]
) -> None:
    once = start.Once()
    statuses = []
    for _ in range(2):
        with pytest.raises(SystemExit) as caught, start.loading(LOG, once, PACKAGE):
            raise SystemExit("what, where")
        statuses.append(caught.value.code)
    assert statuses == [start.NOT_LOADED, None]
    assert waits == [start.END_SECONDS]
    assert capsys.readouterr().err == "what, where\n"
    with pytest.raises(SystemExit, match="0"), start.loading(LOG, start.Once(), PACKAGE):
        raise SystemExit(0)
    with start.loading(LOG, once, PACKAGE):
        pass


def test_an_error_that_nobody_has_foreseen_is_logged_once(
    caplog: pytest.LogCaptureFixture,
    waits: list[float],
) -> None:
    once = start.Once()
    for _ in range(2):
        with pytest.raises(SystemExit), start.loading(LOG, once, PACKAGE):
            raise RuntimeError("a fault")
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "The service cannot be loaded")
    assert waits == [start.END_SECONDS]
    assert caplog.text.rstrip().endswith("RuntimeError: a fault")


def test_of_a_traceback_the_lines_of_the_package_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def run(code: str, module: str, **names: object) -> dict[str, Any]:
        space = {"__name__": module, **names}
        exec(compile(code, f"{module}.py", "exec"), space)
        return space

    inner = run("def call():\n    raise RuntimeError", "library")
    service = run("def call():\n    inner()", "things.app", inner=inner["call"])
    with pytest.raises(SystemExit), start.loading(LOG, start.Once(), PACKAGE):
        run("service()", "things_of_others", service=service["call"])
    files = re.findall(r'File "(.*?)"', caplog.text)
    assert files == ["things.app.py", "library.py"]


def test_a_syntax_error_needs_no_line_of_who_has_imported_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(SystemExit), start.loading(LOG, start.Once(), PACKAGE):
        compile("a b", "module.py", "exec")
    assert "Traceback" not in caplog.text
    assert 'File "module.py", line 1' in caplog.text


def test_gunicorn_does_not_repeat_the_reason() -> None:
    def unreported(*arguments: object) -> bool:
        return start.is_unreported(logging.LogRecord("", 0, "", 0, "%s", arguments, None))

    assert not unreported("App failed to load.")
    assert not unreported(123, start.NOT_LOADED)
    assert unreported(123, 1)
    assert unreported("Worker failed to boot.")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [s3cr", "line 1, column 9: expected ',' or ']', but got '<stream end>'"),
        ("a: {b: s3cr: t}", "line 1, column 12: expected ',' or '}', but got ':'"),
        ("a: s3cr: t", "line 1, column 8: mapping values are not allowed here"),
        ("a: *s3cr", "line 1, column 4: found undefined alias ***"),
        ("a: !s3cr x", "line 1, column 4: could not determine a constructor for the tag ***"),
        ("a: %s3cr", "line 1, column 4: found character *** that cannot start any token"),
    ],
)
def test_a_fault_in_yaml_has_its_place_and_nothing_of_the_content(text: str, place: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.safe_load(text)
    assert start.yaml_fault(caught.value) == f"not valid YAML in {place}"


def test_other_faults_of_a_document_have_their_words() -> None:
    faults = []
    for content in (b"a: \xff", b"a: \x00", b"a: 2000-13-45"):
        with pytest.raises((ValueError, yaml.YAMLError)) as caught:
            yaml.safe_load(content.decode())
        faults.append(start.yaml_fault(caught.value))
    assert faults == [
        "not text in UTF-8",
        "not valid YAML: special characters are not allowed",
        "not valid YAML: a date or a number that does not exist; quote it if it is a text",
    ]
