"""Send the requests of all cases to a service and to Connexion: constructs.py

Runs in the environment of a generated service. Prints a list of JSON: construct, request, what each did, and the reason.
"""

import json
import logging
import tempfile
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path
from sys import stderr
from typing import Any

import flask
import yaml
from apps import HANDLERS, Handlers, service_app, stock_app
from cases import CASES, Case
from werkzeug.datastructures import FileStorage

NO_START = "does not start"


def document(case: Case) -> dict[str, Any]:
    """Returns the document of a case: one path with the methods of its requests."""
    operation = {
        "x-openapi-router-controller": HANDLERS,
        "responses": {"204": {"description": "Fine"}},
        **yaml.safe_load(case.operation),
    }
    methods = dict.fromkeys(request.split()[0].lower() for request in case.requests)
    return {
        "openapi": "3.0.3",
        "info": {"title": "A case", "version": "1"},
        "servers": [{"url": "/v1"}],
        "paths": {
            case.path: {
                **yaml.safe_load(case.path_item),
                # GET first, as most people write it.
                **{
                    method: {**operation, "operationId": method}
                    for method in sorted(methods)
                    if method != case.lacks
                },
            }
        },
        "components": yaml.safe_load(case.components),
    }


def started(make: Callable[[], flask.Flask]) -> flask.Flask | None:
    """Returns the application, or None if the document ends the start."""
    try:
        return make()
    except Exception:  # each has errors of its own
        return None


def outcome(
    app: flask.Flask | None, request: str, handlers: Handlers, *, shows_empty: bool
) -> list[str]:
    """Says what an application does with a request: the status, the call of the handler, and the answer."""
    if app is None:
        return [NO_START]
    head, _, content = request.partition("\n\n")
    line, *lines = head.split("\n")
    method, target = line.split(" ", 1)
    is_form = "multipart/" in head
    handlers.received = None
    response = app.test_client(use_cookies=False).open(
        target,
        method=method,
        headers=[tuple(text.split(": ", 1)) for text in lines],
        data=content.replace("\n", "\r\n") if is_form else content,
    )
    if handlers.received is None:
        return [str(response.status_code)]
    told = [str(response.status_code), handlers.received]
    if response.status_code < 500 and (response.data or shows_empty):
        told.append(answer(response))
    return told


def answer(response: Any) -> str:
    """Shows what a client gets."""
    content = response.get_data(as_text=True)
    members = response.get_json(silent=True)
    if members is not None:
        if response.mimetype == "application/problem+json":
            # The service adds both.
            members = {k: v for k, v in members.items() if k not in ("instance", "trace")}
        content = json.dumps(members, sort_keys=True)
    return f"{response.content_type or 'no media type'} {content}".strip()


def called(name: str, arguments: dict[str, Any]) -> str:
    """Shows the call of a handler."""
    return f"{name}({', '.join(f'{key}={shown(arguments[key])}' for key in sorted(arguments))})"


def shown(value: Any) -> str:
    """Shows what a handler gets."""
    if isinstance(value, Mapping):
        items = sorted(value.items())
        return "{" + ", ".join(f"{name!r}: {shown(inner)}" for name, inner in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown, value)) + "]"
    if isinstance(value, FileStorage):
        return f"file {value.filename} {value.read().decode()!r}"
    return repr(value)


def main() -> None:
    """Prints what both do."""
    logging.disable()
    handlers = Handlers()
    # Files are closed after the request.
    handlers.note = called
    handlers.find_owner = lambda key, required_scopes=None: {"sub": key}  # type: ignore[attr-defined]
    found = []
    with tempfile.TemporaryDirectory() as directory, redirect_stdout(stderr):
        file = Path(directory, "openapi.yaml")
        for case in CASES:
            content = document(case)
            file.write_text(json.dumps(content), encoding="utf-8")
            handlers.result = case.result
            apps = (
                started(lambda content=content: stock_app(content)),
                started(lambda: service_app(file)),
            )
            for request in case.requests:
                stock, own = (
                    outcome(app, request, handlers, shows_empty=case.shows_empty) for app in apps
                )
                found.append((case.construct, request, stock, own, case.reason))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
