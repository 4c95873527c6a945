"""The start: what ends it is told once, and briefly."""

import logging
import re
from typing import Any

import pytest
import yaml

from chassis import start

LOG = logging.getLogger("gunicorn.error")
PACKAGE = "things"


@pytest.mark.parametrize("asks", [1, 3])
def test_one_of_all_who_ask_has_the_turn(asks: int) -> None:
    turn = start.Turn()
    assert sum(turn.take() for _ in range(asks)) == 1


def test_words_end_the_process(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(SystemExit, match=r"^what, where$"), start.or_exit():
        raise start.StartError("what, where")
    (record,) = caplog.records
    assert record.levelname == "DEBUG"
    assert record.exc_info
    with start.or_exit():
        pass


def test_the_first_worker_that_ends_tells_why(capsys: pytest.CaptureFixture[str]) -> None:
    turn = start.Turn()
    statuses = []
    for _ in range(2):
        with pytest.raises(SystemExit) as caught, start.loading(LOG, turn, PACKAGE):
            raise SystemExit("what, where")
        statuses.append(caught.value.code)
    assert statuses == [start.NOT_LOADED, None]
    assert capsys.readouterr().err == "what, where\n"
    with pytest.raises(SystemExit, match="0"), start.loading(LOG, start.Turn(), PACKAGE):
        raise SystemExit(0)
    with start.loading(LOG, turn, PACKAGE):
        pass


def test_an_error_that_nobody_has_foreseen_is_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    turn = start.Turn()
    for _ in range(2):
        with pytest.raises(SystemExit), start.loading(LOG, turn, PACKAGE):
            raise RuntimeError("a fault")
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("ERROR", "The service cannot be loaded")
    assert caplog.text.rstrip().endswith("RuntimeError: a fault")


def test_of_a_traceback_the_lines_of_the_package_are_kept(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def run(code: str, module: str, **names: object) -> dict[str, Any]:
        space = {"__name__": module, **names}
        exec(compile(code, f"{module}.py", "exec"), space)
        return space

    inner = run("def call():\n    raise RuntimeError", "library")
    own = run("def call():\n    inner()", "things.app", inner=inner["call"])
    with pytest.raises(SystemExit), start.loading(LOG, start.Turn(), PACKAGE):
        run("own()", "things_of_others", own=own["call"])
    files = re.findall(r'File "(.*?)"', caplog.text)
    assert files == ["things.app.py", "library.py"]


def test_a_syntax_error_needs_no_line_of_who_has_imported_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(SystemExit), start.loading(LOG, start.Turn(), PACKAGE):
        compile("a b", "module.py", "exec")
    assert "Traceback" not in caplog.text
    assert 'File "module.py", line 1' in caplog.text


def test_gunicorn_does_not_tell_it_again() -> None:
    def news(*arguments: object) -> bool:
        return start.is_news(logging.LogRecord("", 0, "", 0, "%s", arguments, None))

    assert not news("App failed to load.")
    assert not news(123, start.NOT_LOADED)
    assert news(123, 1)
    assert news("Worker failed to boot.")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [s3cr", "line 1, column 9: expected ',' or ']', but got '<stream end>'"),
        ("a: {b: s3cr: t}", "line 1, column 12: expected ',' or '}', but got ':'"),
        ("a: s3cr: t", "line 1, column 8: mapping values are not allowed here"),
        ("a: *s3cr", "line 1, column 4: found undefined alias ***"),
        ("a: !s3cr x", "line 1, column 4: could not determine a constructor for the tag ***"),
        ("a: %s3cr", "line 1, column 4: found character *** that cannot start any token"),
    ],
)
def test_a_fault_in_yaml_has_its_place_and_nothing_of_the_content(text: str, told: str) -> None:
    with pytest.raises(yaml.YAMLError) as caught:
        yaml.safe_load(text)
    assert start.yaml_fault(caught.value) == f"not valid YAML in {told}"


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
