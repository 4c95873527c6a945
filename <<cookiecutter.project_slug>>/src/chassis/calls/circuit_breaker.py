"""A circuit breaker: who does not answer is left alone for a while.

https://martinfowler.com/bliki/CircuitBreaker.html
"""

import logging
import threading
import time
from collections.abc import Callable
from enum import IntEnum

log = logging.getLogger(__name__)


class State(IntEnum):
    """What becomes of a call."""

    CLOSED = 0
    """It is made."""
    HALF_OPEN = 1
    """It is refused while a single one is tried."""
    OPEN = 2
    """It is refused."""


class CircuitBreaker:
    """Opens after some failures in a row; then one call at a time is tried, until one succeeds."""

    def __init__(
        self,
        name: str,
        failures: int,
        reset_after: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins closed.

        Args:
            name: of what is called, for the log.
            failures: how many in a row open it.
            reset_after: seconds from then until a call is tried.
            clock: tells the time in seconds.
        """
        self.state = State.CLOSED
        self._name, self._limit, self._reset_after = name, failures, reset_after
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0
        # Held to keep count, never during a call.
        self._lock = threading.Lock()

    def admit(self) -> float:
        """Asks for a call.

        Returns:
            0 if it may be made: its outcome has to be reported. Else the seconds until one is tried.
        """
        with self._lock:
            if self.state is State.CLOSED:
                return 0
            wait = self._next_trial - self._clock()
            if wait > 0:
                return wait
            # This call is the trial. If its outcome is never told, another one is tried later.
            self._next_trial = self._clock() + self._reset_after
            self._enter(State.HALF_OPEN)
            return 0

    def report(self, *, success: bool) -> None:
        """Tells the outcome of a call that was admitted."""
        with self._lock:
            if success:
                self._failures = 0
                self._enter(State.CLOSED)
                return
            self._failures += 1
            if self.state is State.HALF_OPEN or self._failures >= self._limit:
                self._next_trial = self._clock() + self._reset_after
                self._enter(State.OPEN)

    def forget(self) -> None:
        """Tells that a call that was admitted has no outcome; if it was the trial, another may be."""
        with self._lock:
            if self.state is State.HALF_OPEN:
                self._next_trial = self._clock()

    def _enter(self, state: State) -> None:
        if state is not self.state:
            log.warning("circuit of %s: %s", self._name, state.name.lower().replace("_", "-"))
            self.state = state
