"""A pause before a worker starts, when workers die right after their start repeatedly."""

import mmap
import signal
import time
from typing import Any

# A worker that dies within this time has died right after its start.
SHORT_LIFE_SECONDS = 5
MAX_PAUSE_SECONDS = 5
# Deaths that are further apart are not counted as deaths in a row.
ROW_SECONDS = 60

_deaths = 0
_last_death = 0.0


def prepare(worker: Any, workers: int) -> float:
    """Returns how long a worker has to wait before it starts; called in gunicorn's first process.

    Args:
        worker: the worker of gunicorn, which is about to be forked.
        workers: the number of workers; as many may die without a pause.

    Returns:
        The pause in seconds, mostly 0.
    """
    in_a_row = _deaths if time.monotonic() - _last_death < ROW_SECONDS else 0
    excess = in_a_row - workers
    worker.pause = min(2.0 ** (excess - 1), MAX_PAUSE_SECONDS) if excess > 0 else 0.0
    worker.starts_at = time.monotonic() + worker.pause
    worker.has_ended = mmap.mmap(-1, 1)
    pause: float = worker.pause
    return pause


def wait(worker: Any) -> None:
    """Waits for the pause; called in the worker, so that gunicorn is not blocked."""
    if worker.pause:
        # The handlers that the first process has installed do not work in a worker.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        while (left := worker.starts_at - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            worker.notify()


def mark_ended(worker: Any) -> None:
    """Marks a worker that ends regularly, by a signal or after `max_requests`; called in the worker."""
    worker.has_ended[0] = not worker.alive


def count_death(worker: Any) -> None:
    """Counts a worker that has died right after its start; called in gunicorn's first process."""
    global _deaths, _last_death
    now = time.monotonic()
    if worker.has_ended[0]:
        return
    if now - worker.starts_at > SHORT_LIFE_SECONDS:
        _deaths = 0
        return
    if now - _last_death > ROW_SECONDS:
        _deaths = 0
    _deaths += 1
    _last_death = now
