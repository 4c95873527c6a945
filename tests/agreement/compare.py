"""Ask a service's validation and Connexion's own the same: compare.py CONTRACT EXAMPLES

Runs in the environment of a generated service. Prints how often both accepted and refused, as JSON; ends with
status 1 and the first requests on which they do not agree.
"""

import json
import sys
from collections import Counter
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
import orjson
import schemathesis
import yaml
from chassis import contract, tracing
from chassis.contract.formats import is_date_time, is_uuid, read_date_time
from hypothesis import HealthCheck, Phase, given, settings
from injector import Injector
from schemathesis import GenerationMode

HANDLERS = "handlers"
BODY_LIMIT = 1_000_000

# Connexion takes the last one of several values; the chassis asks for one.
STRICTER = {"occurs more than once"}

Answer = tuple[bool, dict[str, Any]]
"""Whether the request was accepted, and what the handler got."""


class Handlers(ModuleType):
    """Has a handler for each operation, which remembers its arguments."""

    def __init__(self) -> None:
        super().__init__(HANDLERS)
        self.received: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Callable[..., tuple[None, int]]:
        if name.startswith("__"):
            raise AttributeError(name)

        def handle(**arguments: Any) -> tuple[None, int]:
            self.received = arguments
            return None, 204

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


def compare(
    content: dict[str, Any], apps: list[flask.Flask], handlers: Handlers, examples: int
) -> tuple[Counter[str], list[str]]:
    """Asks valid and invalid requests of each operation; returns the counts and the disagreements."""
    counts: Counter[str] = Counter()
    disagreements: list[str] = []

    def ask(case: Any, app: flask.Flask) -> tuple[Answer, set[str]]:
        handlers.received = {}
        response = case.call(app=app)
        reasons = set()
        if response.status_code == 400:
            reasons = {error["detail"] for error in response.json().get("errors", [])}
        # orjson reads integers of more than 64 bits as floats.
        received = orjson.loads(json.dumps(plain(handlers.received)))
        return (response.status_code < 400, received), reasons

    def check(case: Any) -> None:
        (own, reasons), (stock, _) = (ask(case, app) for app in apps)
        if reasons == STRICTER:
            return
        counts["accepted" if own[0] else "refused"] += 1
        if own != stock:
            disagreements.append(f"{case.as_curl_command()}\n  {own}\n  {stock}")

    chosen = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for result in schemathesis.openapi.from_dict(content).get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = result.ok().as_strategy(generation_mode=mode)
            chosen(given(strategy)(check))()
    return counts, disagreements


def main(contract_file: str, examples: str) -> None:
    """Compares, and tells the result."""
    handlers = Handlers()
    sys.modules[HANDLERS] = handlers
    document = Path(contract_file)
    content = yaml.safe_load(document.read_text(encoding="utf-8"))
    apps = [service_app(document), stock_app(content)]
    counts, disagreements = compare(content, apps, handlers, int(examples))
    print(json.dumps(counts))
    if disagreements:
        sys.exit("\n".join(disagreements[:5]))


if __name__ == "__main__":
    main(*sys.argv[1:])
