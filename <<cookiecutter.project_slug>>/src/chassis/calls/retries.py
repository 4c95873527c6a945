"""Retries with backoff and jitter, within a budget that limits the additional load of the upstream."""

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

# Retries may add ten percent to the calls, and ten calls at any time.
RETRIES_PER_CALL = 0.1
MAX_BALANCE = 10.0

STATUSES = (429, 502, 503, 504)
BACKOFF_SECONDS = 0.1
MAX_WAIT_SECONDS = 2

# urllib3 logs each retry with the whole URL.
logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


class Budget:
    """The retries that are left: when all calls fail, retries must not multiply the load."""

    def __init__(self) -> None:
        self._balance = MAX_BALANCE
        self._lock = threading.Lock()

    def earn(self) -> None:
        """Adds the share of a call."""
        with self._lock:
            self._balance = min(self._balance + RETRIES_PER_CALL, MAX_BALANCE)

    def spend(self) -> bool:
        """Returns whether a call may be repeated, and takes the retry from the budget."""
        with self._lock:
            if self._balance < 1:
                return False
            self._balance -= 1
            return True


class BudgetedRetry(Retry):
    """urllib3's retries of idempotent methods, as long as a budget lasts."""

    budget: Budget

    @classmethod
    def within(cls, budget: Budget, retries: int) -> Self:
        """Returns the retries of a call, at most this many."""
        retry = cls(
            total=retries,
            # Other errors, such as a broken TLS connection, leave open whether the request has arrived.
            other=0,
            status_forcelist=STATUSES,
            backoff_factor=BACKOFF_SECONDS,
            backoff_jitter=BACKOFF_SECONDS,
            backoff_max=MAX_WAIT_SECONDS,
            retry_after_max=MAX_WAIT_SECONDS,
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
        """Returns the seconds that an upstream asks to wait; 0 if its header is not valid."""
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
        """Returns the retries that are left after a failed attempt.

        Raises:
            MaxRetryError: no retry is left for this call, or in the budget.
        """
        if call := current():
            call.record_failure(error, response.status if response else None)
        left = super().increment(method, url, response, error, _pool, _stacktrace)
        if not self.budget.spend():
            raise MaxRetryError(_pool, url or "", error or ResponseError("no budget for retries"))
        if response is not None:
            answers.discard(response)
        return left


class _Attempts(HTTPConnectionPool):
    """Connections whose requests have a header with the time that is left for the attempt."""

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
    """The same connections over TLS."""


class _Adapter(HTTPAdapter):
    """Reads answers up to a limit."""

    def __init__(self, settings: UpstreamSettings, retry: Retry) -> None:
        self._max_answer_bytes = settings.max_answer_bytes
        super().__init__(1, settings.max_calls, max_retries=retry)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Creates the pools of connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Attempts, "https": _SecureAttempts}

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends a request and reads the answer."""
        response = super().send(request, *args, **options)
        answers.read(response, self._max_answer_bytes)
        return response


class RetryingAdapter(_Adapter):
    """Repeats calls that are idempotent, by their method or by their `Idempotency-Key` header."""

    def __init__(self, settings: UpstreamSettings, budget: Budget) -> None:
        retry = BudgetedRetry.within(budget, settings.retries)
        super().__init__(settings, retry)
        self._any_method = _Adapter(settings, retry.new(allowed_methods=None))

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends a request, and repeats it if that is safe and may help."""
        if "Idempotency-Key" in request.headers:
            return self._any_method.send(request, *args, **options)
        return super().send(request, *args, **options)
