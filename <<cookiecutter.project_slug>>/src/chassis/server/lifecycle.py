"""The shutdown of the service: it is not ready, continues to serve for a while, then stops."""

import os
import signal
from contextlib import suppress
from mmap import mmap
from types import FrameType
from typing import Any

# Memory of gunicorn's first process that the workers share.
_ending = mmap(-1, 1)


def handle_signals(server: Any) -> None:
    """Announces the shutdown to all processes at once.

    A worker cannot know by itself: it gets SIGTERM also when gunicorn replaces it.

    Args:
        server: gunicorn's first process, which has installed its handlers.
    """

    def end(number: int, frame: FrameType | None) -> None:
        if os.getpid() != server.pid:
            return  # a worker that has not installed its handlers yet
        again = ending()
        announce_end()
        for worker in tuple(server.WORKERS):
            with suppress(ProcessLookupError):
                os.kill(worker, number)
        # After a second signal gunicorn would kill the workers within two seconds.
        if not again:
            server.signal(number, frame)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, end)


def announce_end() -> None:
    """Makes the service not ready."""
    _ending[0] = True


def ending() -> bool:
    """Returns whether the service is shutting down."""
    return bool(_ending[0])


def check() -> None:
    """The readiness check, so that load balancers send their requests elsewhere.

    Raises:
        RuntimeError: the service is shutting down.
    """
    if ending():
        raise RuntimeError("draining")
