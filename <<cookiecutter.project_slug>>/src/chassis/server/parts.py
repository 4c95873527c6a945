"""The part of a feature in the processes of gunicorn."""

from typing import Any


class Part:
    """A feature that acts when a process of gunicorn starts or ends.

    A subclass overrides the methods that it needs. All but `load` are named after the hooks of gunicorn that call them:
    https://docs.gunicorn.org/en/stable/settings.html#server-hooks
    """

    def on_starting(self, server: Any) -> None:
        """Ends the first process, with a reason, if the feature cannot work."""

    def when_ready(self, server: Any) -> None:
        """Starts in the first process, before the application's modules are imported."""

    def load(self) -> None:
        """Imports further modules that the workers need, before a worker is forked."""

    def pre_fork(self, server: Any, worker: Any) -> None:
        """Prepares a worker, in the first process."""

    def post_fork(self, worker: Any) -> None:
        """Starts in a worker, before it loads the application."""

    def worker_exit(self, worker: Any) -> None:
        """Ends in a worker, after its last request."""

    def child_exit(self, worker: Any) -> None:
        """Cleans up after a worker that has ended, in the first process."""
