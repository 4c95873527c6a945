"""`make dev` of the default service: what it notices, what it survives, and how it ends."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from .conftest import Bake
from .live import START_SECONDS, Process, Site, free_addresses, wait_for

CONTRACT = "src/color_palette/openapi.yaml"
HANDLERS = "src/color_palette/colors/api.py"
SETTINGS = "config/development.yaml"
TITLE = 'title: "Color Palette"'
WAITING = "dev: the service does not run: waiting for a change"
LIST = "    return service.page(Query(sort, limit, cursor,"
CATEGORY = "    ColorCategoryField:\n"
REFERENCE = "    ColorCategoryField: {$ref: ../../common/parts.yaml#/Category}\n    Unused:\n"


class Dev(Process, Site):
    """`make dev` in a service that a test may change."""

    def __init__(self, root: Path, output: Path) -> None:
        api, metrics = free_addresses(2)
        self.root, self.address = root, api
        variables = {"APP_METRICS__BIND": metrics, "PYTHONPATH": "src", "APP_SERVER__BIND": api}
        Process.__init__(self, ["make", "--silent", "dev"], root, output, **variables)
        Site.__init__(self, f"http://{api}")

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        with suppress(ProcessLookupError):
            self.interrupt()
        self.wait()
        super().__exit__(*error)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replaces a text of a file."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def starts(self) -> int:
        """Counts the starts of the server so far."""
        return self.output.count("Starting gunicorn")

    def await_(self, condition: Callable[[], object], what: str) -> None:
        """Waits for a condition; fails at once if the command has ended."""

        def holds() -> object:
            self.check()
            return condition()

        try:
            wait_for(holds, what, START_SECONDS)
        except AssertionError as error:
            error.add_note(self.errors)
            raise

    def title(self) -> str:
        """The title that the service gives its contract; empty if it does not answer."""
        if self.status("/openapi.json") != 200:
            return ""
        return str(self.get("/openapi.json").json()["info"]["title"])


@pytest.fixture
def root(bake: Bake, default: Path, copy: Callable[[Path], Path]) -> Path:
    """A copy of the default service, which a test may change."""
    copied = copy(bake())
    (copied / ".venv").symlink_to(default / ".venv")
    return copied


@pytest.fixture
def dev(root: Path, tmp_path: Path) -> Iterator[Dev]:
    """`make dev`, which serves."""
    with Dev(root, tmp_path) as process:
        process.await_(process.ready, "start")
        yield process


@pytest.mark.timeout(600)
def test_changes_of_code_contract_and_settings_are_served(dev: Dev) -> None:
    assert dev.get("/v1/colors").json()["items"] == []
    dev.edit(HANDLERS, LIST, f"    raise SystemError()\n{LIST}")
    dev.await_(lambda: dev.status("/v1/colors") == 500, "other code")
    written = (dev.root / HANDLERS).stat().st_mtime_ns
    dev.edit(HANDLERS, "raise SystemError()", "return Page([], '')")
    # Python takes a module of the same size and second for the one that it has compiled.
    os.utime(dev.root / HANDLERS, ns=(written, written ^ 1))
    dev.await_(lambda: dev.status("/v1/colors") == 200, "code of the same size and second")
    dev.edit(CONTRACT, TITLE, "title: Other")
    dev.await_(lambda: dev.title() == "Other", "another contract")
    dev.edit(SETTINGS, "server:", "api: {swagger_ui: false}\nserver:")
    dev.await_(lambda: dev.status("/ui/") == 404, "another setting")


@pytest.mark.timeout(600)
def test_a_file_that_the_contract_refers_to_is_watched(dev: Dev) -> None:
    parts = dev.root / "common" / "parts.yaml"
    parts.parent.mkdir()
    parts.write_text("Category: {type: string, example: common}\n", encoding="utf-8")
    dev.edit(CONTRACT, CATEGORY, REFERENCE)
    dev.await_(lambda: "dev: changed: common/parts.yaml and 1 more" in dev.errors, "two files")
    parts.write_text("Category: {type: string, example: rare}\n", encoding="utf-8")
    dev.await_(lambda: "dev: changed: common/parts.yaml\n" in dev.errors, "the other file")


MISTAKES = {
    "syntax": (HANDLERS, LIST, f"    return(\n{LIST}", "SyntaxError: '(' was never closed"),
    "contract": (
        CONTRACT,
        "operationId: list_colors",
        "operationId: lst",
        "is no handler for operationId lst",
    ),
    "setting": (SETTINGS, "grace_period", "grace", "server.grace: there is no such setting"),
}


@pytest.mark.timeout(600)
def test_after_a_mistake_it_waits_for_the_next_change(dev: Dev) -> None:
    for number, (file, old, new, said) in enumerate(MISTAKES.values(), 1):
        dev.edit(file, old, new)
        dev.await_(lambda number=number: dev.errors.count(WAITING) == number, f"end: {said}")
        assert said in dev.errors + dev.output
        dev.edit(file, new, old)
        dev.await_(dev.ready, "service without the mistake")


@pytest.mark.timeout(600)
def test_a_mistake_before_the_first_start_is_waited_for_too(root: Path, tmp_path: Path) -> None:
    with Dev(root, tmp_path) as dev:
        file, old, new, said = MISTAKES["setting"]
        dev.edit(file, old, new)
        dev.await_(lambda: WAITING in dev.errors, "end")
        assert said in dev.errors
        dev.edit(file, new, old)
        dev.await_(dev.ready, "service without the mistake")
        assert dev.get("/v1/colors").json()["items"] == []


@pytest.mark.timeout(600)
def test_one_start_for_all_that_is_saved_at_once_and_none_for_other_files(dev: Dev) -> None:
    for name in ("development.db-x", "tests/test_new.py", "src/color_palette/.api.py.swp"):
        (dev.root / name).write_text("x = 1\n")
    (dev.root / "src" / "color_palette" / "__pycache__" / "new.cpython-311.pyc").write_bytes(b"x")
    handlers = dev.root / HANDLERS
    text = handlers.read_text(encoding="utf-8")
    # What an editor does that replaces files, in two goes.
    for number in range(2):
        handlers.rename(handlers.with_suffix(".py~"))
        handlers.write_text(f"{text}\n# {number}\n", encoding="utf-8")
        time.sleep(0.05)
    dev.await_(lambda: dev.starts() == 2 and dev.ready(), "second start")
    # This one comes while the service is starting.
    dev.edit(CONTRACT, TITLE, "title: First")
    dev.await_(lambda: dev.errors.count("dev: changed: ") == 2, "notice")
    dev.edit(CONTRACT, "title: First", "title: Second")
    dev.await_(lambda: dev.title() == "Second", "the last change")
    assert dev.errors.count("dev: changed: ") == 3


@pytest.mark.timeout(600)
@pytest.mark.parametrize("ready", [True, False], ids=["serving", "starting"])
def test_ctrl_c_ends_all_at_once(root: Path, tmp_path: Path, ready: bool) -> None:
    with Dev(root, tmp_path) as dev:
        if ready:
            dev.await_(dev.ready, "start")
        else:
            time.sleep(1)
        dev.interrupt()
        assert dev.wait(10) in (0, 130, -signal.SIGINT)
        assert "Traceback" not in dev.errors + dev.output
        host, port = dev.address.split(":")
        socket.create_server((host, int(port))).close()
