"""A call in progress to another service, with its retries."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, ReadTimeoutError

from ..settings.upstreams import UpstreamSettings

_current: ContextVar["Call | None"] = ContextVar("call", default=None)


class Call:
    """How long a call may take, and whether the upstream has failed.

    The upstream has failed only if it had the time that its settings give: a call that a deadline cuts short
    says nothing about the upstream.
    """

    def __init__(self, settings: UpstreamSettings, seconds: float) -> None:
        """Starts the time of a call.

        Args:
            settings: the settings of the upstream.
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

    def record_failure(self, error: Exception | None, status: int | None) -> None:
        """Records that an attempt has failed.

        Args:
            error: the reason if there is no answer.
            status: the status of the answer if there is one.
        """
        if error is None:
            self.failed |= (status or 0) >= HTTPStatus.INTERNAL_SERVER_ERROR
            return
        timeout = 0.0
        if isinstance(error, ReadTimeoutError):
            timeout = self._settings.read_timeout
        elif isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError):
            timeout = self._settings.connect_timeout
        self.failed |= self.seconds >= timeout

    @contextmanager
    def as_current(self) -> Iterator[None]:
        """Makes this call the current one of the greenlet."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


def current() -> Call | None:
    """Returns the current call of this greenlet."""
    return _current.get()
