"""Probes with the semantics of Kubernetes: alive does not depend on others, ready does.

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
"""Returns if all is well and raises if not."""


class Reporter:
    """Logs that a check fails, once a minute for all workers together, and that it is well again."""

    # When it was told of each check; all processes that are forked from here share the memory.
    told = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("d")

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._places = {name: place for place, name in enumerate(checks)}
        self._failing: set[str] = set()

    def failed(self, name: str, error: Exception) -> None:
        """Tells of a check that fails, if nobody has for a while."""
        self._failing.add(name)
        place, now = self._places[name], time.monotonic()
        if not self.told[place] or now - self.told[place] >= SECONDS_BETWEEN_LINES:
            self.told[place] = now
            log.warning("health check %s: down, not ready: %s", name, _reason(error))

    def passed(self, name: str) -> None:
        """Tells of a check that is well again, if nobody has."""
        if name in self._failing:
            self._failing.discard(name)
            place = self._places[name]
            if self.told[place]:
                self.told[place] = 0
                log.info("health check %s: up again", name)


def init_app(app: Flask, checks: Mapping[str, Check]) -> None:
    """Serves the probes.

    Args:
        app: the application.
        checks: what has to be well for the service to be ready, by name.
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
    except Exception as error:  # whatever it is, the answer is "down"; the client learns no more
        reporter.failed(name, error)
        return "down"
    reporter.passed(name)
    return "up"


def _reason(error: Exception) -> str:
    """Says in one line what has happened, in the words of the cause where there is one."""
    text = " ".join(str(error.__cause__ or error).split())
    return redact(f"{type(error).__name__}: {text}")
