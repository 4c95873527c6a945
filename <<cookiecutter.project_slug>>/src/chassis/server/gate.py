"""The place where requests wait until the worker has time for them.

It does what CoDel (RFC 8289) and https://queue.acm.org/detail.cfm?id=2839461 do: it looks at how long each request has really waited
when its turn comes, and estimates nothing.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import gevent
from gevent.event import AsyncResult, Event

# Requests begin for so long before the event loop accepts and reads what has arrived meanwhile, probes among it.
TURN_SECONDS = 0.01
# The shortest time on gevent's clock; after 0 the event loop would not look for what has arrived.
LOOK_SECONDS = 1e-6
# What requests need may become free before one of them has ended.
CROWDED_SECONDS = 0.05


class Gate:
    """Lets requests begin in the order of their arrival, and the event loop look for others in between."""

    last_wait = 0.0
    """Seconds that the last request has waited until it was handled or refused."""

    def __init__(
        self,
        max_wait: float,
        max_requests: int,
        *,
        is_crowded: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes the limits.

        Args:
            max_wait: seconds that a request may wait.
            max_requests: how many may wait and be handled together.
            is_crowded: whether enough requests that are handled wait already for what all of them need.
            clock: tells the time in seconds.
        """
        self._max_wait = max_wait
        self._max_requests = max_requests
        self._is_crowded = is_crowded or (lambda: False)
        self._clock = clock
        self._requests = 0
        self._ended = Event()
        # When each request has arrived, and what it waits for: whether it is handled.
        self._waiting: deque[tuple[float, AsyncResult[bool]]] = deque()
        self._calling = False
        self._turn_ends = 0.0

    @contextmanager
    def request(self, age: float) -> Iterator[bool]:
        """Waits for the turn of a request; gives whether it is to be handled, and takes the end of that.

        Args:
            age: seconds that it has waited already.
        """
        arrived = self._clock() - age
        self._requests += 1
        try:
            admitted = (
                age <= self._max_wait
                and self._requests <= self._max_requests
                and self._turn(arrived)
            )
            self.last_wait = self._clock() - arrived
            yield admitted
        finally:
            self._requests -= 1
            self._ended.set()

    def _turn(self, arrived: float) -> bool:
        if not self._calling:
            self._calling = True
            self._turn_ends = self._clock() + TURN_SECONDS
            gevent.spawn(self._call)
        if not self._waiting and self._clock() < self._turn_ends and not self._is_crowded():
            return True
        turn: AsyncResult[bool] = AsyncResult()
        self._waiting.append((arrived, turn))
        return bool(turn.get())

    def _call(self) -> None:
        """Calls those that wait."""
        gevent.sleep(LOOK_SECONDS)
        while self._waiting:
            self._turn_ends = self._clock() + TURN_SECONDS
            while self._waiting and self._clock() < self._turn_ends:
                self._call_first()
            gevent.sleep(LOOK_SECONDS)
        self._calling = False

    def _call_first(self) -> None:
        arrived, turn = self._waiting[0]
        in_time = self._clock() - arrived <= self._max_wait
        if in_time and self._is_crowded():
            self._ended.clear()
            self._ended.wait(CROWDED_SECONDS)
            return
        self._waiting.popleft()
        turn.set(in_time)
        # It runs until it waits for something.
        gevent.sleep(0)
