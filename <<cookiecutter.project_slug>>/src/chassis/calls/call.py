"""A call to another service while it is made, retries included."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from ..settings.upstreams import UpstreamSettings

_current: ContextVar["Call | None"] = ContextVar("call", default=None)


class Call:
    """How long a call may take, and whether the service has failed in it.

    The service has failed only if it had its own time: what a deadline cuts short tells nothing.
    """

    def __init__(self, settings: UpstreamSettings, seconds: float) -> None:
        """Begins.

        Args:
            settings: those of the service, with its own time.
            seconds: how long the call may take, retries included.
        """
        self.seconds = seconds
        self.failed = False
        self._settings = settings
        self._end = time.monotonic() + seconds

    @property
    def timeouts(self) -> tuple[float, float]:
        """Seconds to wait for a connection, and for a piece of the answer."""
        connect, read = self._settings.connect_timeout, self._settings.read_timeout
        return min(connect, self.seconds), min(read, self.seconds)

    def remaining(self) -> float:
        """Returns the seconds that are left."""
        return max(0.0, self._end - time.monotonic())

    def note(self, error: Exception | None, status: int | None) -> None:
        """Notes that an attempt has come to nothing.

        Args:
            error: why there is no answer.
            status: that of the answer if there is one.
        """
        if error is None:
            self.failed |= (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
            return
        own = 0.0
        if isinstance(error, ReadTimeoutError):
            own = self._settings.read_timeout
        elif isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            own = self._settings.connect_timeout
        self.failed |= self.seconds >= own

    @contextmanager
    def being_made(self) -> Iterator[None]:
        """Makes it the current call of this greenlet."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


def current() -> Call | None:
    """Returns the call that this greenlet makes."""
    return _current.get()
