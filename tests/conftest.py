"""What all tests share: generated services, each made once, and their installations."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

REPOSITORY = Path(__file__).parents[1]
TEMPLATE = REPOSITORY / "<<cookiecutter.project_slug>>"
QUESTIONS = json.loads((REPOSITORY / "cookiecutter.json").read_text(encoding="utf-8"))

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
    if not hasattr(config, "workerinput"):
        os.environ[SHARED_DIRECTORY] = tempfile.mkdtemp(prefix="chassis-tests-")
        Path(os.environ[SHARED_DIRECTORY]).chmod(0o755)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ[SHARED_DIRECTORY], ignore_errors=True)


@pytest.fixture(scope="session")
def shared_directory() -> Path:
    """The directory that all processes of this run of the tests share."""
    return Path(os.environ[SHARED_DIRECTORY])


@pytest.fixture(scope="session")
def bake(shared_directory: Path) -> Bake:
    """Generates the service for some answers, once in a run of the tests: not to be changed."""

    def generate(**answers: object) -> Path:
        key = hashlib.sha256(json.dumps(answers, sort_keys=True).encode()).hexdigest()[:12]
        directory = shared_directory / "services" / key
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
def install(bake: Bake) -> Bake:
    """Generates a service and installs it, from its lock alone, into its own environment."""

    def installed(**answers: object) -> Path:
        service = bake(**answers)
        with lock(service.parent.with_suffix(".lock")):
            if not (service / ".venv" / ".installed").exists():
                install_locked(service)
        return service

    return installed


@pytest.fixture
def copy(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a generated service, for a test that changes it."""

    def copied(service: Path) -> Path:
        target = tmp_path / "copy" / service.name
        shutil.copytree(service, target, ignore=shutil.ignore_patterns(".venv"))
        return target

    return copied


def render(directory: Path, **answers: object) -> Path:
    """Generates a service into a directory and returns its root."""
    directory.mkdir(parents=True)
    return Path(
        cookiecutter(
            str(REPOSITORY),
            no_input=True,
            default_config=True,
            output_dir=str(directory),
            extra_context=answers,
        )
    )


def install_locked(service: Path) -> None:
    """Does what the service's `make install` does, with uv, whose cache makes it fast."""
    uv = f"{sys.executable} -m uv"
    install = f"{uv} pip install --quiet --python .venv/bin/python"
    for command in (
        f"{uv} venv --quiet --clear --python {sys.executable} .venv",
        f"{install} --require-hashes --requirement requirements-dev.txt",
        f"{install} --no-deps --no-build-isolation --editable .",
    ):
        subprocess.run(command.split(), cwd=service, check=True)
    (service / ".venv" / ".installed").touch()
