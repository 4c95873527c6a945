"""A circuit breaker: an upstream that fails is not called for a while.

https://martinfowler.com/bliki/CircuitBreaker.html
"""

import logging
import threading
import time
from collections.abc import Callable
from enum import IntEnum

log = logging.getLogger(__name__)


class State(IntEnum):
    """The state of the circuit, which decides whether calls are made."""

    CLOSED = 0
    """Calls are made."""
    HALF_OPEN = 1
    """One call is tried; all others are refused."""
    OPEN = 2
    """Calls are refused."""


class CircuitBreaker:
    """Opens after some failures in a row; then it tries one call at a time, until a call succeeds."""

    def __init__(
        self,
        name: str,
        failures: int,
        reset_after: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts closed.

        Args:
            name: the name of the upstream, for the log.
            failures: the number of failures in a row that opens the circuit.
            reset_after: seconds until an open circuit tries a call.
            clock: returns the time in seconds.
        """
        self.state = State.CLOSED
        self._name, self._limit, self._reset_after = name, failures, reset_after
        self._clock = clock
        self._failures = 0
        self._next_trial = 0.0
        # Held to keep count, never during a call.
        self._lock = threading.Lock()

    def admit(self) -> float:
        """Asks whether a call may be made.

        Returns:
            0 if it may; then `report` or `release` has to follow. Otherwise the seconds until a call is tried.
        """
        with self._lock:
            if self.state is State.CLOSED:
                return 0
            wait = self._next_trial - self._clock()
            if wait > 0:
                return wait
            # This call is the trial. If its outcome is never reported, another call is tried later.
            self._next_trial = self._clock() + self._reset_after
            self._enter(State.HALF_OPEN)
            return 0

    def report(self, *, success: bool) -> None:
        """Reports the outcome of a call that was admitted."""
        with self._lock:
            if success:
                self._failures = 0
                self._enter(State.CLOSED)
                return
            self._failures += 1
            if self.state is State.HALF_OPEN or self._failures >= self._limit:
                self._next_trial = self._clock() + self._reset_after
                self._enter(State.OPEN)

    def release(self) -> None:
        """Releases the permission of a call that has no outcome; after a trial, another call may be tried."""
        with self._lock:
            if self.state is State.HALF_OPEN:
                self._next_trial = self._clock()

    def _enter(self, state: State) -> None:
        if state is not self.state:
            log.warning("circuit of %s: %s", self._name, state.name.lower().replace("_", "-"))
            self.state = state
