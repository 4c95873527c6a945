"""Idempotency keys in the memory of the process: it forgets them with everything else when it ends."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from threading import Lock
from time import monotonic
from uuid import uuid4

from flask import Flask
from injector import Injector

from ..contract import Answer, Entry, Lease
from ..resources.memory import MemoryUnitOfWork
from ..settings import ApiSettings

__all__ = ["MemoryKeys", "init_app"]

MAX_KEYS = 10_000
MAX_BYTES = 67_108_864
"""The answers to more keys, or larger ones together, are forgotten before their time: the oldest first."""
OLD_KEYS = 10
"""The number of old keys that each new one removes at most."""


@dataclass
class _Stored:
    fingerprint: str
    token: str
    leased_until: float
    expires_at: float
    answer: Answer | None = None

    @property
    def size(self) -> int:
        return len(self.answer.body) if self.answer else 0


class MemoryKeys:
    """The keys of a service whose resources are in its memory."""

    def __init__(
        self, unit_of_work: Callable[[], MemoryUnitOfWork], ttl: float, lease: float
    ) -> None:
        """Begins with nothing.

        Args:
            unit_of_work: returns that of the service's repositories.
            ttl: seconds for which an answer is kept.
            lease: seconds that a request gets.
        """
        self.unit_of_work = unit_of_work
        self._ttl = ttl
        self._lease = lease
        self._stored: dict[str, _Stored] = {}
        self._bytes = 0
        self._lock = Lock()

    def take(self, key: str, fingerprint: str) -> Lease | Entry:
        """Takes a key, visibly for others at once, or returns what is known of it."""
        now = monotonic()
        with self._lock:
            known = self._stored.get(key)
            if known and not _is_free(known, fingerprint, now):
                return Entry(known.fingerprint, known.answer)
            self._remove(key)
            token = uuid4().hex
            self._stored[key] = _Stored(fingerprint, token, now + self._lease, now + self._ttl)
            self._remove_old(now)
        return Lease(key, token)

    def keep(self, lease: Lease, answer: Answer) -> bool:
        """Stores an answer; returns whether the lease was still valid."""
        with self._lock:
            known = self._stored.get(lease.key)
            if known is None or known.token != lease.token:
                return False
            known.answer = answer
            known.expires_at = monotonic() + self._ttl
            self._bytes += known.size
        self.unit_of_work().note(lambda: self._take_back(lease))
        return True

    def release(self, lease: Lease) -> None:
        """Gives a key back whose request has no answer to be kept."""
        with self._lock:
            known = self._stored.get(lease.key)
            if known and known.token == lease.token and known.answer is None:
                self._remove(lease.key)

    def _take_back(self, lease: Lease) -> None:
        with self._lock:
            known = self._stored.get(lease.key)
            if known and known.token == lease.token:
                self._bytes -= known.size
                known.answer = None

    def _remove(self, key: str) -> None:
        if known := self._stored.pop(key, None):
            self._bytes -= known.size

    def _remove_old(self, now: float) -> None:
        """Removes the oldest keys, but for those of running requests."""
        for key, known in [*islice(self._stored.items(), OLD_KEYS)]:
            is_full = len(self._stored) > MAX_KEYS or self._bytes > MAX_BYTES
            is_running = known.answer is None and known.leased_until > now
            if (known.expires_at <= now or is_full) and not is_running:
                self._remove(key)


def _is_free(known: _Stored, fingerprint: str, now: float) -> bool:
    if known.expires_at <= now:
        return True
    return known.answer is None and known.leased_until <= now and known.fingerprint == fingerprint


def init_app(app: Flask, injector: Injector, settings: ApiSettings) -> MemoryKeys:
    """Returns the keys of an application.

    Args:
        app: the application.
        injector: has the binding of the unit of work.
        settings: how long keys are kept and leased.
    """
    return MemoryKeys(
        # Not before the first request: other bindings may follow.
        cache(lambda: injector.get(MemoryUnitOfWork)),
        ttl=settings.idempotency_ttl,
        lease=settings.idempotency_lease,
    )
