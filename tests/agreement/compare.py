"""Ask a service's validation and Connexion's own the same: compare.py CONTRACT EXAMPLES

Runs in the environment of a generated service. Prints how often both accepted and refused, as JSON; ends with
status 1 and the first requests on which they do not agree.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import flask
import orjson
import schemathesis
import yaml
from apps import Handlers, plain, service_app, stock_app
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

# Connexion takes the last one of several values; the chassis asks for one.
STRICTER = {"occurs more than once"}

Answer = tuple[bool, dict[str, Any]]
"""Whether the request was accepted, and what the handler got."""


def compare(
    content: dict[str, Any], apps: list[flask.Flask], handlers: Handlers, examples: int
) -> tuple[Counter[str], list[str]]:
    """Asks valid and invalid requests of each operation; returns the counts and the disagreements."""
    counts: Counter[str] = Counter()
    disagreements: list[str] = []

    def ask(case: Any, app: flask.Flask) -> tuple[Answer, set[str]]:
        handlers.received = None
        response = case.call(app=app)
        reasons = set()
        if response.status_code == 400:
            reasons = {error["detail"] for error in response.json().get("errors", [])}
        # orjson reads integers of more than 64 bits as floats.
        received = orjson.loads(json.dumps(plain(handlers.received or {})))
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
    document = Path(contract_file)
    content = yaml.safe_load(document.read_text(encoding="utf-8"))
    apps = [service_app(document), stock_app(content)]
    counts, disagreements = compare(content, apps, handlers, int(examples))
    print(json.dumps(counts))
    if disagreements:
        sys.exit("\n".join(disagreements[:5]))


if __name__ == "__main__":
    main(*sys.argv[1:])
