"""Probes with the semantics of Kubernetes: alive does not depend on others, ready does.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""Returns if all is well and raises if not."""


def init_app(app: Flask, checks: Mapping[str, Check]) -> None:
    """Serves the probes.

    Args:
        app: the application.
        checks: what has to be well for the service to be ready, by name.
    """
    app.add_url_rule("/livez", "livez", lambda: {"status": "up"})

    def report() -> tuple[dict[str, Any], HTTPStatus]:
        return _report(checks)

    app.add_url_rule("/readyz", "readyz", report)
    app.add_url_rule("/healthcheck", "healthcheck", report)


def _report(checks: Mapping[str, Check]) -> tuple[dict[str, Any], HTTPStatus]:
    results = {name: _status(name, check) for name, check in checks.items()}
    if set(results.values()) <= {"up"}:
        return {"status": "up", "checks": results}, HTTPStatus.OK
    return {"status": "down", "checks": results}, HTTPStatus.SERVICE_UNAVAILABLE


def _status(name: str, check: Check) -> str:
    try:
        check()
    except Exception as error:  # whatever it is, the answer is "down"; the client learns no more
        log.warning("health check %s: %s", name, type(error).__name__)
        return "down"
    return "up"
