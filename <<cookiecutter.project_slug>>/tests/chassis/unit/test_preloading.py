"""The imports before the fork: while they last nothing is garbage, and afterwards it is looked for again."""

import gc
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.server import Part, preloading


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The package of a service whose application is a module without content."""
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "app.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    threshold = gc.get_threshold()
    yield "books"
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*threshold)
    for name in ("books", "books.app"):
        sys.modules.pop(name, None)


class Observer(Part):
    """Sees what is there when its modules are to be imported."""

    def load(self) -> None:
        self.sees_the_application = "books.app" in sys.modules
        self.collects = gc.isenabled()


def test_the_application_and_then_the_parts_are_imported_without_a_look_for_garbage(
    package: str,
) -> None:
    part = Observer()
    preloading.preload(package, [part])
    assert part.sees_the_application
    assert not part.collects
    assert gc.isenabled()
    assert gc.get_freeze_count()


def test_garbage_is_looked_for_again_and_rarely(package: str) -> None:
    gc.disable()
    preloading.collect_rarely()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == preloading.NEW_OBJECTS


def test_a_module_that_is_left_out_can_be_imported_later(package: str) -> None:
    preloading.preload(package, [])
    hidden = [name for name, module in sys.modules.items() if module is None]
    assert "aiohttp" not in hidden
