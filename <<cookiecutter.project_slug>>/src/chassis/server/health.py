"""Probes with the semantics of Kubernetes: liveness does not depend on other services, readiness does.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

import logging
import mmap
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask

from ..redaction import redact

SECONDS_BETWEEN_LINES = 60

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Raises an exception if the service is not ready."""


class Reporter:
    """Logs once a minute, for all workers together, that a check fails, and once that it passes again."""

    # The time of the last line about each check, in memory that the forked processes share.
    reported_at = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._indexes = {name: index for index, name in enumerate(checks)}
        self._failing: set[str] = set()

    def failed(self, name: str, error: Exception) -> None:
        """Logs a failed check, unless a worker has logged it within the last minute."""
        self._failing.add(name)
        index, now = self._indexes[name], time.monotonic()
        if not self.reported_at[index] or now - self.reported_at[index] >= SECONDS_BETWEEN_LINES:
            self.reported_at[index] = now
            log.warning("health check %s: down, not ready: %s", name, _reason(error))

    def passed(self, name: str) -> None:
        """Logs a check that passes again, unless another worker has."""
        if name in self._failing:
            self._failing.discard(name)
            index = self._indexes[name]
            if self.reported_at[index]:
                self.reported_at[index] = 0
                log.info("health check %s: up again", name)


def init_app(app: Flask, checks: Mapping[str, Check]) -> None:
    """Serves the probes.

    Args:
        app: the application.
        checks: the readiness checks, by name.
    """
    app.add_url_rule("/livez", "livez", lambda: {"status": "up"})
    reporter = Reporter(checks)

    def report() -> tuple[dict[str, Any], HTTPStatus]:
        return _report(checks, reporter)

    app.add_url_rule("/readyz", "readyz", report)
    app.add_url_rule("/healthcheck", "healthcheck", report)


def _report(checks: Mapping[str, Check], reporter: Reporter) -> tuple[dict[str, Any], HTTPStatus]:
    results = {name: _status(name, check, reporter) for name, check in checks.items()}
    if set(results.values()) <= {"up"}:
        return {"status": "up", "checks": results}, HTTPStatus.OK
    return {"status": "down", "checks": results}, HTTPStatus.SERVICE_UNAVAILABLE


def _status(name: str, check: Check, reporter: Reporter) -> str:
    try:
        check()
    except Exception as error:  # the client learns no more than "down"
        reporter.failed(name, error)
        return "down"
    reporter.passed(name)
    return "up"


def _reason(error: Exception) -> str:
    """Returns the reason in one line, from the cause of the error if there is one."""
    text = " ".join(str(error.__cause__ or error).split())
    return redact(f"{type(error).__name__}: {text}")
