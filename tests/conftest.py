"""What all tests share: generated services, each made once, and their installations."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools import environment as packages
from tools import recipes
from tools.combinations import DEFAULT
from tools.template import render

from . import live
from .live import Database, PostgreSQL, migrate

Bake = Callable[..., Path]


@contextmanager
def lock(path: Path) -> Iterator[None]:
    """Lets one of the processes that run tests side by side do something at a time."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# Not pytest's own directory: it is closed to the user that PostgreSQL runs as for root.
SHARED_DIRECTORY = "CHASSIS_TESTS_DIRECTORY"


def pytest_configure(config: pytest.Config) -> None:
    """Makes a directory that all processes of this run of the tests share."""
    # A service starts in a third of the time if Python may keep what it has compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "workerinput"):
        os.environ[SHARED_DIRECTORY] = tempfile.mkdtemp(prefix="chassis-tests-")
        Path(os.environ[SHARED_DIRECTORY]).chmod(0o755)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[SHARED_DIRECTORY], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that take minutes first, so that all processes end at the same time."""
    order = ["test_service", "test_running", "test_lifecycle"]
    items.sort(key=lambda item: (*order, item.path.stem).index(item.path.stem))


@pytest.fixture(scope="session")
def shared_directory() -> Path:
    """The directory that all processes of this run of the tests share."""
    return Path(os.environ[SHARED_DIRECTORY])


@pytest.fixture(scope="session")
def bake(shared_directory: Path) -> Bake:
    """Generates the service for some answers, once in a run of the tests: not to be changed."""

    def generate(**answers: object) -> Path:
        directory = shared_directory / "services" / key(answers)
        directory.parent.mkdir(exist_ok=True)
        with lock(directory.with_suffix(".lock")):
            if not directory.exists():
                unfinished = directory.with_suffix(".unfinished")
                render(unfinished, **answers)
                unfinished.rename(directory)
        (service,) = directory.iterdir()
        return service

    return generate


@pytest.fixture(scope="session")
def install(bake: Bake, shared_directory: Path) -> Bake:
    """Copies a generated service and installs it, from its lock alone, into its own environment."""
    return installer(bake, shared_directory / "installed")


@pytest.fixture(scope="session")
def install_caller(bake: Bake, shared_directory: Path) -> Bake:
    """Does the same for a service whose owner has added another one that it calls, as its page tells."""
    return installer(bake, shared_directory / "callers", "docs/http-client.md")


def installer(bake: Bake, parent: Path, page: str | None = None) -> Bake:
    """Returns what installs services, each once in a run of the tests.

    Args:
        bake: generates them.
        parent: where they are installed.
        page: the page of the service that is followed before.
    """

    def installed(**answers: object) -> Path:
        directory = parent / key(answers)
        parent.mkdir(exist_ok=True)
        with lock(directory.with_suffix(".lock")):
            service = bake(**answers)
            target = directory / service.name
            ready = directory / "ready"
            if not ready.exists():
                shutil.rmtree(directory, ignore_errors=True)
                shutil.copytree(service, target)
                if page:
                    recipes.follow(target, page)
                packages.install(target)
                if page:
                    follow_commands(target, page)
                ready.touch()
        return target

    return installed


def follow_commands(service: Path, page: str) -> None:
    """Runs the commands that a page of an installed service tells."""
    text = (service / page).read_text(encoding="utf-8")
    for command in recipes.commands(text):
        result = subprocess.run(
            command.split(),
            cwd=service,
            env=live.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr


def key(answers: dict[str, object]) -> str:
    """Names a directory for some answers; what is not answered has its default."""
    content = json.dumps(DEFAULT | answers, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


@pytest.fixture(scope="session")
def default(install: Bake) -> Path:
    """The default service, installed."""
    return install()


@pytest.fixture(scope="session")
def postgresql(default: Path) -> Iterator[str]:
    """The URL of a server: the one that is given, or one that is started."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with PostgreSQL(default) as server:
        yield server.url


@pytest.fixture
def empty_database(postgresql: str) -> Iterator[Database]:
    """A database that has no tables yet."""
    with Database(postgresql) as database:
        yield database


@pytest.fixture
def database(default: Path, empty_database: Database) -> Database:
    """A database with the tables of the default service."""
    migrate(default, empty_database)
    return empty_database


@pytest.fixture(scope="session")
def environment(shared_directory: Path) -> Path:
    """A virtual environment with the packages of every option."""
    directory = shared_directory / "packages"
    with lock(directory.with_suffix(".lock")):
        return packages.provide(directory)


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a generated service, for a test that changes it."""

    def copied(service: Path) -> Path:
        target = tmp_path / "copy" / service.name
        shutil.copytree(service, target)
        return target

    return copied
