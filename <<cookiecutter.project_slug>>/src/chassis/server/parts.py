"""What begins and ends with gunicorn's processes, feature by feature."""

from typing import Any


class Part:
    """A feature that has something to do when gunicorn's processes begin or end.

    A subclass overrides the methods that it needs. All but `load` have the names and the moments of gunicorn's hooks:
    https://docs.gunicorn.org/en/stable/settings.html#server-hooks
    """

    def on_starting(self, server: Any) -> None:
        """Ends the first process, with a reason, where the feature cannot work."""

    def when_ready(self, server: Any) -> None:
        """Begins in the first process, before the application's modules are imported."""

    def load(self) -> None:
        """Imports the modules that the workers need besides those of the application, before a worker is forked."""

    def pre_fork(self, server: Any, worker: Any) -> None:
        """Prepares a worker, in the first process."""

    def post_fork(self, worker: Any) -> None:
        """Begins in a worker, which has not loaded the application yet."""

    def worker_exit(self, worker: Any) -> None:
        """Ends in a worker, whose requests are over."""

    def child_exit(self, worker: Any) -> None:
        """Cleans up after a worker that is gone, in the first process."""
