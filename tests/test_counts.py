"""What the workers of a service count: on a full disk, after a failed start, when they die in a row."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tools import load

from .live import Database, Process, Service, free_addresses, run, wait_for

COLORS = "/v1/colors"
COUNTS = f'{{method="GET",path="{COLORS}",status="200"}}'
REQUESTS = f"http_requests_total{COUNTS}"
RENEWS_OFTEN = {"APP_SERVER__MAX_REQUESTS": "100", "APP_SERVER__DRAIN_DELAY": "0"}


@pytest.fixture
def start(default: Path, database: Database, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts instances of the default service on one database."""
    with ExitStack() as stack:

        def started(**variables: str) -> Service:
            service = Service(default, tmp_path, **database.variables, **variables)
            return stack.enter_context(service)

        yield started


@pytest.fixture
def device(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mounts a file system in memory that has room for so many kilobytes."""
    directory = tmp_path / "device"
    directory.mkdir()

    def mount(size: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(directory)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, f"This test needs root, to mount tmpfs: {result.stderr}"
        return directory

    try:
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], capture_output=True, check=False)


def ask(service: Service, requests: int) -> None:
    """Lets clients ask, and sees that each request is answered well."""
    outcome = load.crowd(service.url + COLORS, clients=10, requests=requests // 10)
    assert (outcome.statuses, outcome.faults) == ({200: requests}, {})


# The disk


@pytest.mark.timeout(120)
def test_files_of_counts_are_as_many_as_workers_at_a_time(
    start: Callable[..., Service], device: Callable[[int], Path]
) -> None:
    directory = device(300)
    service = start(PROMETHEUS_MULTIPROC_DIR=str(directory), **RENEWS_OFTEN)
    asked = 0
    # Each of them would leave 40 kB.
    while len(service.workers()) < 9:
        ask(service, 300)
        asked += 300
        assert {service.metrics()[REQUESTS] for _ in range(3)} == {asked}
    assert service.metrics()[f"http_request_duration_seconds_count{COUNTS}"] == asked
    # A worker that is about to end and the one in its place are there together.
    assert {int(path.stem.split("_")[-1]) for path in directory.iterdir()} <= set(range(5))
    assert '"ERROR"' not in service.output


@pytest.mark.timeout(120)
def test_a_full_disk_costs_counts_and_no_request(
    start: Callable[..., Service], device: Callable[[int], Path]
) -> None:
    directory = device(40)
    service = start(PROMETHEUS_MULTIPROC_DIR=str(directory), **RENEWS_OFTEN)
    while len(service.workers()) < 4:
        ask(service, 300)
    # Labels that nobody has used yet need more room.
    for path in ("/unknown", "/livez", f"{COLORS}/nobody"):
        assert service.status(path)
    errors = [line["message"] for line in service.log() if line["severity"] == "ERROR"]
    assert errors
    assert all("No space left on device" in error for error in errors), errors
    assert len(errors) <= len(service.workers()) + 1
    assert "SIGBUS" not in service.output
    assert service.metrics()["gunicorn_workers"] == 2


# The start


@pytest.mark.timeout(120)
@pytest.mark.parametrize("setting", ["APP_SERVER__BIND", "APP_METRICS__BIND"])
def test_a_port_that_is_taken_leaves_nothing_behind(
    setting: str, default: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        variables = {**addresses(), setting: taken}
        with Process(gunicorn(default), default, tmp_path, **variables) as it:
            assert it.wait(60) == 1
    assert list(it.temporary.iterdir()) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("module", ["app", "wsgi"])
def test_a_service_that_cannot_be_imported_leaves_nothing_behind(
    module: str, default: Path, tmp_path: Path
) -> None:
    variables = {
        **addresses(),
        **appended(default, module, 'raise LookupError("broken")', tmp_path),
    }
    with Process(gunicorn(default), default, tmp_path, **variables) as it:
        assert it.wait(60) > 0
        assert "broken" in it.output
    assert list(it.temporary.iterdir()) == []


@pytest.mark.timeout(120)
def test_an_end_while_it_starts_leaves_nothing_behind(default: Path, tmp_path: Path) -> None:
    with Process(gunicorn(default), default, tmp_path, **addresses()) as it:
        wait_for(lambda: any(it.temporary.iterdir()), "the directory of counts", 60)
        it.terminate()
        assert it.wait(60) == 0
    assert list(it.temporary.iterdir()) == []


@pytest.mark.timeout(60)
def test_preloading_is_refused_in_a_sentence(default: Path) -> None:
    result = run(default, "gunicorn", "--preload", **addresses())
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith("preload_app: ")


def gunicorn(service: Path) -> list[str]:
    return [str(service / ".venv" / "bin" / "gunicorn")]


def addresses() -> dict[str, str]:
    """What a service needs to know to start; it does not need a database for that."""
    api, metrics = free_addresses(2)
    return {
        "APP_DATABASE__URL": "postgresql+psycopg://nobody@127.0.0.1:1/nothing",
        "APP_METRICS__BIND": metrics,
        "APP_SERVER__BIND": api,
        "OTEL_SDK_DISABLED": "true",
    }


def appended(service: Path, module: str, code: str, directory: Path) -> dict[str, str]:
    """Copies a service's code and puts more at the end of a module; gives what makes Python use it."""
    source = shutil.copytree(service / "src", directory / "src")
    with (source / "color_palette" / f"{module}.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")
    return {"PYTHONPATH": str(source)}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", [["color-palette"], ["flask", "--app", "color_palette.wsgi"]])
def test_a_command_does_not_count_into_a_running_service(
    command: list[str], default: Path, tmp_path: Path
) -> None:
    for directory in (tmp_path, tmp_path / "gone"):
        variables = {**addresses(), "PROMETHEUS_MULTIPROC_DIR": str(directory)}
        result = run(default, *command, "routes", **variables)
        assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []


# Deaths


@pytest.mark.timeout(120)
def test_workers_that_die_in_a_row_are_started_more_and_more_slowly(
    default: Path, tmp_path: Path
) -> None:
    dies = appended(default, "wsgi", "import os\nos.kill(os.getpid(), 9)", tmp_path)
    variables = {**addresses(), **dies, "APP_SERVER__WORKERS": "2"}
    with Process(gunicorn(default), default, tmp_path, **variables) as it:
        said = "Workers die right after their start: the next one waits"
        wait_for(lambda: f"{said} 5 s" in it.output, "the longest pause", 60)
        time.sleep(3)
        # Four are started without a pause, then there is a line for each.
        started = it.output.count("Booting worker")
        assert started <= 12
        assert started - 4 <= it.output.count(said) <= started
        # Workers that wait do not hold up the end.
        begun = time.monotonic()
        it.terminate()
        assert it.wait() == 0
        assert time.monotonic() - begun < 4
