"""What workers share: their counts are added up, whatever they are doing to their files."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from << cookiecutter.package_name >>.chassis import shared_counts


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(shared_counts.DIRECTORY, str(tmp_path))
    return tmp_path


def collect() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(shared_counts.SharedCounts())
    return {sample.name: sample.value for metric in registry.collect() for sample in metric.samples}


def count(file: Path, value: float) -> None:
    values = MmapedDict(str(file))
    values.write_value(mmap_key("things", "things_total", [], [], "Things"), value, 0)
    values.close()


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
