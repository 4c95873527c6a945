"""What all workers have counted together, from the files in which they share it."""

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's variable: where the workers share their counts, in files."""


class SharedCounts(Collector):
    """Adds the files up, but for those that a worker is about to make or to remove.

    prometheus_client's own collector fails at a file that has nothing in it yet.
    """

    def collect(self) -> Iterable[Metric]:
        """Returns the metrics of all workers."""
        files = [str(path) for path in Path(os.environ[DIRECTORY]).glob("*.db") if _size(path)]
        metrics: Iterable[Metric] = MultiProcessCollector.merge(files)
        return metrics


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
