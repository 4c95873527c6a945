"""The end of a worker: it says that it is not ready, serves on for a while, then stops."""

from dataclasses import dataclass

from flask import Flask, current_app

EXTENSION = "lifecycle"


@dataclass
class Lifecycle:
    """What the process is about to do."""

    draining: bool = False


def init_app(app: Flask) -> None:
    """Gives the application its lifecycle."""
    app.extensions[EXTENSION] = Lifecycle()


def drain(app: Flask) -> None:
    """Makes the application not ready, so that load balancers send their requests elsewhere."""
    app.extensions[EXTENSION].draining = True


def check() -> None:
    """The readiness check.

    Raises:
        RuntimeError: the process is about to stop.
    """
    if current_app.extensions[EXTENSION].draining:
        raise RuntimeError("draining")
