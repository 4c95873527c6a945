"""Retries: soon, never at the same moment as others, and not more than the peer can bear."""

import logging
import random
import threading
from typing import Any, Self

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.exceptions import InvalidHeader, MaxRetryError, ResponseError

from ..settings.upstreams import UpstreamSettings
from . import answers, deadlines
from .call import current

# Of every hundred calls ten may be made again, and ten more at any time.
EARNED_BY_A_CALL = 0.1
MOST_SAVED = 10.0

STATUSES = (429, 502, 503, 504)
BACKOFF_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 2

# It tells of each retry with the whole URL.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class Budget:
    """What is left for retries: when everything fails, they must not multiply the load."""

    def __init__(self) -> None:
        self._saved = MOST_SAVED
        self._lock = threading.Lock()

    def earn(self) -> None:
        """Counts a call."""
        with self._lock:
            self._saved = min(self._saved + EARNED_BY_A_CALL, MOST_SAVED)

    def spend(self) -> bool:
        """Tells whether a call may be made again."""
        with self._lock:
            if self._saved < 1:
                return False
            self._saved -= 1
            return True


class BudgetedRetry(Retry):
    """urllib3's retries of idempotent methods, as long as a budget lasts."""

    budget: Budget

    @classmethod
    def within(cls, budget: Budget, retries: int) -> Self:
        """Returns at most this many retries of a call."""
        retry = cls(
            total=retries,
            # Such as a broken TLS connection: nobody knows whether the request has arrived.
            other=0,
            status_forcelist=STATUSES,
            backoff_factor=BACKOFF_SECONDS,
            backoff_jitter=BACKOFF_SECONDS,
            backoff_max=LONGEST_WAIT_SECONDS,
            retry_after_max=LONGEST_WAIT_SECONDS,
            raise_on_status=False,
        )
        retry.budget = budget
        return retry

    def new(self, **changes: Any) -> Self:
        """Returns a copy; urllib3 makes one for each attempt."""
        retry = super().new(**changes)
        retry.budget = self.budget
        return retry

    def get_backoff_time(self) -> float:
        """Returns the seconds to wait; urllib3 by itself would make the first retry at once."""
        return super().get_backoff_time() or random.uniform(1, 2) * BACKOFF_SECONDS  # noqa: S311

    def parse_retry_after(self, retry_after: str) -> float:
        """Returns the seconds that a peer wants to be left alone; 0 if it says nothing sensible."""
        try:
            return super().parse_retry_after(retry_after)
        except (InvalidHeader, ValueError, OverflowError):
            return 0

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        """Returns what is left after an attempt.

        Raises:
            MaxRetryError: nothing is left for this call, or for all.
        """
        if call := current():
            call.note(error, response.status if response else None)
        left = super().increment(method, url, response, error, _pool, _stacktrace)
        if not self.budget.spend():
            raise MaxRetryError(_pool, url or "", error or ResponseError("no budget for retries"))
        if response is not None:
            answers.drop(response)
        return left


class _Attempts(HTTPConnectionPool):
    """Connections by which each attempt tells how much time is left for it."""

    def urlopen(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Any = None,
        *args: Any,
        **options: Any,
    ) -> BaseHTTPResponse:
        """Makes an attempt; urllib3 repeats it by calling this method again."""
        if call := current():
            headers = {**headers, deadlines.HEADER: str(int(call.remaining() * 1000))}
        return super().urlopen(method, url, body, headers, *args, **options)


class _SecureAttempts(_Attempts, HTTPSConnectionPool):
    """The same by TLS."""


class _Adapter(HTTPAdapter):
    """Reads answers up to a limit."""

    def __init__(self, settings: UpstreamSettings, retry: Retry) -> None:
        self._max_answer_bytes = settings.max_answer_bytes
        super().__init__(1, settings.max_calls, max_retries=retry)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Makes the connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Attempts, "https": _SecureAttempts}

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends a request and reads the answer."""
        response = super().send(request, *args, **options)
        answers.read(response, self._max_answer_bytes)
        return response


class RetryingAdapter(_Adapter):
    """Repeats calls that are idempotent, by their method or because they have a key for it."""

    def __init__(self, settings: UpstreamSettings, budget: Budget) -> None:
        retry = BudgetedRetry.within(budget, settings.retries)
        super().__init__(settings, retry)
        self._any_method = _Adapter(settings, retry.new(allowed_methods=None))

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends a request, and sends it again if that is safe and may help."""
        if "Idempotency-Key" in request.headers:
            return self._any_method.send(request, *args, **options)
        return super().send(request, *args, **options)
