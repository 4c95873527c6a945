"""gunicorn's part in the metrics: what it refuses, and in which words."""

import fcntl
import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.server.metrics import MetricsPart
from chassis.settings.metrics import MetricsSettings

LOG = logging.getLogger("gunicorn.error")
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def make(directory: Path) -> MetricsPart:
    return MetricsPart(MetricsSettings(), str(directory), api="127.0.0.1:8080")


def test_a_second_gunicorn_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    make(tmp_path).on_starting(SimpleNamespace(master_pid=0))
    with pytest.raises(SystemExit) as caught:
        make(tmp_path).on_starting(SimpleNamespace(master_pid=1, log=LOG))
    assert caught.value.code == 1
    assert caplog.messages == ["Two gunicorns cannot count together: restart the service instead"]


def test_a_directory_of_another_gunicorn_ends_the_start(tmp_path: Path) -> None:
    server: Any = SimpleNamespace(log=LOG)
    other = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(SystemExit) as caught:
        make(tmp_path).when_ready(server)
    os.close(other)
    assert caught.value.code == f"{VARIABLE}: another gunicorn uses {tmp_path}"


def test_a_directory_that_cannot_be_made_ends_the_start(tmp_path: Path) -> None:
    server: Any = SimpleNamespace(log=LOG)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as caught:
        make(tmp_path / "file" / "counts").when_ready(server)
    reason = f"cannot use '{tmp_path}/file/counts': Not a directory"
    assert caught.value.code == f"{VARIABLE}: {reason}"
