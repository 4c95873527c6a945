"""A pause before a worker starts where workers die right after their start, again and again."""

import mmap
import signal
import time
from typing import Any

# Who dies sooner than that has died right after its start.
SHORT_LIFE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 5
# Deaths that are further apart have nothing to do with each other.
FORGET_SECONDS = 60

_deaths = 0
_last_death = 0.0


def prepare(worker: Any, workers: int) -> float:
    """Tells how long a worker has to wait before it starts; called in gunicorn's first process.

    Args:
        worker: gunicorn's, which is about to be forked.
        workers: how many there are to be; that many may die without any pause.

    Returns:
        seconds, mostly 0.
    """
    in_a_row = _deaths if time.monotonic() - _last_death < FORGET_SECONDS else 0
    excess = in_a_row - workers
    worker.pause = min(2.0 ** (excess - 1), LONGEST_PAUSE_SECONDS) if excess > 0 else 0.0
    worker.starts_at = time.monotonic() + worker.pause
    worker.has_ended = mmap.mmap(-1, 1)
    pause: float = worker.pause
    return pause


def wait(worker: Any) -> None:
    """Waits before the start; called in the worker, so that gunicorn goes on meanwhile."""
    if worker.pause:
        # gunicorn's handlers of the first process are of no use here.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        while (left := worker.starts_at - time.monotonic()) > 0:
            time.sleep(min(left, 0.5))
            worker.notify()


def end(worker: Any) -> None:
    """Notes that a worker ends because it is told to or has had enough; called in the worker."""
    worker.has_ended[0] = not worker.alive


def note_end(worker: Any) -> None:
    """Counts the workers that have died in a row; called in gunicorn's first process."""
    global _deaths, _last_death
    now = time.monotonic()
    if worker.has_ended[0]:
        return
    if now - worker.starts_at > SHORT_LIFE_SECONDS:
        _deaths = 0
        return
    if now - _last_death > FORGET_SECONDS:
        _deaths = 0
    _deaths += 1
    _last_death = now
