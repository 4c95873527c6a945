"""The two applications that are asked the same: a service's and Connexion's own.

Runs in the environment of a generated service.
"""

import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import connexion
import flask
from chassis import contract, tracing
from chassis.contract.formats import is_date_time, is_uuid, read_date_time
from injector import Injector

HANDLERS = "handlers"
BODY_LIMIT = 1_000_000


class Handlers(ModuleType):
    """Has a handler for each operation, which notes its arguments, and returns the result."""

    def __init__(self) -> None:
        super().__init__(HANDLERS)
        self.received: Any = None
        self.note: Callable[[str, dict[str, Any]], Any] = lambda _, arguments: arguments
        self.result: Callable[[], Any] = lambda: (None, 204)
        sys.modules[HANDLERS] = self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def handle(**arguments: Any) -> Any:
            self.received = self.note(name, arguments)
            return self.result()

        return handle


def service_app(document: Path) -> flask.Flask:
    """An application with the chassis of the service."""
    app, injector = flask.Flask("service"), Injector()
    contract.init_serialization(app)
    contract.init_app(
        app,
        injector,
        document,
        validate_responses=False,
        max_body_bytes=BODY_LIMIT,
        body_timeout=1,
        require_security=True,
    )
    contract.init_injection(app, injector)
    tracing.init_app(app)
    contract.init_problems(app, {})
    return app


def stock_app(content: dict[str, Any]) -> flask.Flask:
    """An application as Connexion makes it."""
    made = connexion.FlaskApp("stock", options={"swagger_ui": False})
    made.add_api(deepcopy(content), strict_validation=True)
    app: flask.Flask = made.app
    return app


def plain(value: Any) -> Any:
    """Returns what a handler has got in one form, be it a text or of the type that its format names."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and is_uuid(value):
        return value.lower()
    if isinstance(value, str) and is_date_time(value):
        return read_date_time(value).isoformat()
    return value
