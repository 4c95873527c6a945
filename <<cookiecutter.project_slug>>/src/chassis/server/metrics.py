"""gunicorn's part in the metrics: the workers count in files, and the first process serves the sums.

The methods import the modules that count: `share` has to be called before, because it decides where they count.
"""

import sys
from typing import Any

from ..settings.metrics import MetricsSettings
from . import listening
from .parts import Part

__all__ = ["MetricsPart"]


class MetricsPart(Part):
    """The files of the counts and the address of the metrics."""

    def __init__(self, settings: MetricsSettings, directory: str, *, api: str) -> None:
        """Takes the settings; nothing is opened yet.

        Args:
            settings: the settings of the metrics.
            directory: the directory of the counts; a new temporary directory if empty.
            api: the address of the API, which serves the metrics if they have no address.
        """
        self._address = settings.bind
        self._url = listening.url(settings.bind or api)
        self._directory = directory

    def on_starting(self, server: Any) -> None:
        """Refuses to replace a running gunicorn."""
        if server.master_pid:
            server.log.error("Two gunicorns cannot count together: restart the service instead")
            sys.exit(1)

    def when_ready(self, server: Any) -> None:
        """Shares the counts, and serves the metrics if they have an address of their own."""
        self._share()
        from .. import metrics

        try:
            if self._address:
                metrics.start_server(self._address, server)
        except OSError as error:
            sys.exit(listening.fault("metrics.bind", self._address, error))
        server.log.info("Metrics: %s/metrics", self._url)

    def _share(self) -> None:
        from .. import shared_counts

        try:
            shared_counts.share(self._directory)
        except BlockingIOError:
            sys.exit(f"{shared_counts.DIRECTORY}: another gunicorn uses {self._directory}")
        except OSError as error:
            reason = f"cannot use {self._directory!r}: {error.strerror}"
            sys.exit(f"{shared_counts.DIRECTORY}: {reason}")

    def pre_fork(self, server: Any, worker: Any) -> None:
        """Gives the worker a number, under which it counts."""
        from .. import shared_counts

        worker.number = shared_counts.free_number(other.number for other in server.WORKERS.values())

    def post_fork(self, worker: Any) -> None:
        """Makes the worker count, and leaves the metrics of all workers to the first process."""
        from .. import metrics, shared_counts

        metrics.stop_server()
        shared_counts.count_as(worker.number)

    def child_exit(self, worker: Any) -> None:
        """Drops the gauges of the worker."""
        from .. import shared_counts

        shared_counts.remove_gauges(worker.number)
