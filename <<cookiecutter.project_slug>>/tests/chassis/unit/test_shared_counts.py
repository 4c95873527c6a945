"""What workers share: their counts are added up, whatever happens to their files."""

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from chassis import shared_counts


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(shared_counts.DIRECTORY, str(tmp_path))
    monkeypatch.setattr(shared_counts, "_reported", set())
    return tmp_path


@contextmanager
def counting_as(number: int) -> Iterator[None]:
    """Makes this process count as that worker, as `share` does; its counts so far stay where they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "MmapedDict", shared_counts.CountsFile)
        patch.setattr(values, "ValueClass", values.MultiProcessValue(lambda: number))
        yield


@pytest.fixture
def worker(directory: Path) -> Iterator[None]:
    with counting_as(1):
        yield


def collect() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(shared_counts.SharedCounts())
    return {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}


def count(file: Path, value: float) -> None:
    values = MmapedDict(str(file))
    values.write_value(mmap_key("things", "things_total", [], [], "Things"), value, 0)
    values.close()


def counter(*labels: str) -> Counter:
    return Counter("things", "Things", labels, registry=None)


@contextmanager
def full_device(size: int) -> Iterator[None]:
    """Lets no file be longer than that; the error is another one than that of a full device."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


# What is added up


def test_the_counts_of_all_workers_are_added_up(directory: Path) -> None:
    count(directory / "counter_1.db", 40)
    count(directory / "counter_2.db", 2)
    assert collect() == {"things_total": 42}


def test_a_file_that_a_worker_has_just_made_or_removed_is_left_out(directory: Path) -> None:
    count(directory / "counter_1.db", 42)
    (directory / "counter_2.db").touch()
    (directory / "counter_3.db").symlink_to(directory / "gone")
    assert collect() == {"things_total": 42}


def test_without_a_worker_there_are_none(directory: Path) -> None:
    assert collect() == {}


@pytest.mark.parametrize(
    "content",
    [
        b"\1\2\3",
        b"\xff" * 300,
        (200).to_bytes(8, "little") + (5).to_bytes(4, "little") + b"{" * 500,
        (200).to_bytes(8, "little") + (5).to_bytes(4, "little") + b"\xff" * 500,
        (48).to_bytes(8, "little") + (12).to_bytes(4, "little") + b"[1, 2, 3, 4]" + b"\0" * 99,
    ],
)
def test_a_damaged_file_is_left_out_and_reported_once(
    directory: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    count(directory / "counter_1.db", 42)
    (directory / "counter_2.db").write_bytes(content)
    assert [collect() for _ in range(3)] == [{"things_total": 42}] * 3
    if content[0] != 255:  # A negative length means that nothing is in the file.
        (message,) = messages(caplog)
        assert f"{directory}/counter_2.db cannot be read" in message


def test_a_file_of_somebody_else_is_left_out_and_reported_once(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    count(directory / "counter_1.db", 42)
    count(directory / "theirs.db", 1)
    (directory / "counter_2.db").mkdir()
    assert [collect() for _ in range(3)] == [{"things_total": 42}] * 3
    assert len(messages(caplog)) == 2


def test_a_directory_that_is_gone_is_reported_once(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory.rmdir()
    assert [collect() for _ in range(3)] == [{}] * 3
    assert messages(caplog) == [f"Metrics are incomplete: {directory} is gone"]
    directory.mkdir()


# What a worker counts


def test_a_worker_counts_in_the_files_that_prometheus_client_knows(
    worker: None, directory: Path
) -> None:
    counter("name").labels('odd\n"\\{},=\u2028\N{SNOWMAN}').inc(2)
    Histogram("seconds", "Seconds", registry=None, buckets=[1]).observe(0.5)
    Gauge("level", "Level", registry=None, multiprocess_mode="livesum").set(3)
    counts = collect()
    assert counts["things_total"] == 2
    assert counts["seconds_bucket"] == counts["seconds_count"] == 1
    assert counts["level"] == 3
    assert {path.name for path in directory.iterdir()} == {
        "counter_1.db",
        "histogram_1.db",
        "gauge_livesum_1.db",
    }


def test_a_file_grows_without_holes(worker: None, directory: Path) -> None:
    things = counter("name")
    for number in range(1000):
        things.labels(str(number)).inc()
    status = (directory / "counter_1.db").stat()
    assert 1000 * 30 < status.st_size <= status.st_blocks * 512
    registry = CollectorRegistry()
    registry.register(shared_counts.SharedCounts())
    (metric,) = registry.collect()
    assert [sample.value for sample in metric.samples] == [1] * 1000


def test_a_new_worker_counts_on_where_the_one_before_has_stopped(directory: Path) -> None:
    for number in range(1, 6):
        with counting_as(shared_counts.free_number([2])):
            counter().inc()
            level = Gauge("level", "Level", registry=None, multiprocess_mode="livesum")
            level.inc(3)
            assert collect() == {"things_total": number, "level": 3}
    assert len(list(directory.iterdir())) == 2


def test_numbers_are_used_again(directory: Path) -> None:
    assert [shared_counts.free_number(taken) for taken in ([], [1, 2], [3, 1])] == [1, 3, 2]


def test_a_full_device_leaves_counts_out_and_is_reported_once(
    worker: None, caplog: pytest.LogCaptureFixture
) -> None:
    things = counter("name")
    things.labels("old").inc()
    with full_device(shared_counts.STEP_BYTES):
        for number in range(1000):
            things.labels(str(number)).inc()
        things.labels("old").inc()
        histogram = Histogram("seconds", "Seconds", registry=None)
        histogram.observe(1)
    (message,) = messages(caplog)
    assert "counter_1.db: File too large" in message
    registry = CollectorRegistry()
    registry.register(shared_counts.SharedCounts())
    assert registry.get_sample_value("things_total", {"name": "old"}) == 2
    assert collect()["seconds_count"] == 1


def test_counting_goes_on_when_there_is_room_again(
    worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with full_device(0):
        things = counter()
        things.inc()
    things.inc()
    assert collect() == {}
    monkeypatch.setattr("time.monotonic", lambda: 1e9)
    things.inc()
    assert collect() == {"things_total": 3}


def test_a_file_that_is_full_in_part_stays_as_it_is(worker: None, directory: Path) -> None:
    things = counter("name")
    with full_device(shared_counts.STEP_BYTES + 100):
        for number in range(1000):
            things.labels(str(number)).inc()
    assert (directory / "counter_1.db").stat().st_size == shared_counts.STEP_BYTES


def test_a_worker_begins_anew_in_place_of_a_damaged_file(
    worker: None, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (directory / "counter_1.db").write_bytes(b"{" * 500)
    counter().inc()
    assert collect() == {"things_total": 1}
    (message,) = messages(caplog)
    assert f"{directory}/counter_1.db are lost" in message


# Who counts where


def run(code: str, **variables: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


SHARE = """
import sys
from chassis import shared_counts

from tests.chassis.domain import COUNTS_DIR
shared_counts.share(COUNTS_DIR)
"""


def test_the_first_process_makes_the_directory_and_removes_it(tmp_path: Path) -> None:
    script = f"""{SHARE}
import os
from prometheus_client import Counter
things = Counter("things", "Things")
print(os.environ[shared_counts.DIRECTORY], flush=True)
if not os.fork():
    shared_counts.count_as(shared_counts.free_number([]))
    things.inc()
    sys.exit()
os.wait()
print(*os.listdir(os.environ[shared_counts.DIRECTORY]))
"""
    count(tmp_path / "counter_9.db", 42)
    (tmp_path / "mine.txt").touch()
    for variables in ({"TMPDIR": str(tmp_path)}, {shared_counts.DIRECTORY: str(tmp_path)}):
        directory, files = run(script, **variables).splitlines()
        assert directory.startswith(str(tmp_path))
        assert set(files.split()) <= {"counter_0.db", "counter_1.db", "mine.txt"}
        assert "counter_1.db" in files.split()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_two_do_not_count_in_one_directory(tmp_path: Path) -> None:
    lock = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(BlockingIOError):
        shared_counts.share(str(tmp_path))
    os.close(lock)


def test_a_directory_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write everywhere.
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError):
        shared_counts.share(str(tmp_path))


def test_a_process_that_is_no_worker_counts_for_itself(tmp_path: Path) -> None:
    script = """
import tests.chassis.domain
from prometheus_client import Counter
Counter("things", "Things").inc()
"""
    names = (shared_counts.DIRECTORY, shared_counts.DIRECTORY.lower())
    run(script, **dict.fromkeys(names, str(tmp_path)))
    run(script, **dict.fromkeys(names, str(tmp_path / "gone")))
    assert list(tmp_path.iterdir()) == []
