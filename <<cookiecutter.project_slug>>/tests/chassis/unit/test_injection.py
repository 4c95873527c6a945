"""Injection: handlers get the services they declare, and a new one for each request if it is so bound."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask_injector import request
from injector import Binder, Inject, Injector, singleton

from chassis import contract
from chassis.contract import injection, serialization

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: /v1}]
paths:
  /things:
    get:
      operationId: handlers.get_things
      parameters:
        - {name: limit, in: query, schema: {type: integer, default: 7}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
"""


class PerRequest:
    """Bound to the request."""


class Shared:
    """Bound once."""


def get_things(
    one: Inject[PerRequest],
    other: Inject[PerRequest],
    shared: Inject[Shared],
    limit: int,
) -> dict[str, Any]:
    BARRIER.wait(timeout=5)
    return {"one": id(one), "other": id(other), "shared": id(shared), "limit": limit}


BARRIER = threading.Barrier(2)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    handlers = ModuleType("handlers")
    handlers.get_things = get_things  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "handlers", handlers)
    document = tmp_path / "openapi.yaml"
    document.write_text(DOCUMENT)

    def configure(binder: Binder) -> None:
        binder.bind(PerRequest, scope=request)
        binder.bind(Shared, scope=singleton)

    app = Flask(__name__)
    injector = Injector()
    serialization.init_app(app)
    contract.init_app(
        app, injector, document, validate_responses=True, max_body_bytes=100, body_timeout=1
    )
    injection.init_app(app, injector, [configure])
    yield app
    BARRIER.reset()


def get(app: Flask, path: str) -> Any:
    return app.test_client().get(path).get_json()


def test_concurrent_requests_have_instances_of_their_own(app: Flask) -> None:
    with ThreadPoolExecutor() as threads:
        first, second = threads.map(lambda path: get(app, path), ["/v1/things"] * 2)
    assert first["one"] == first["other"]
    assert second["one"] == second["other"]
    assert first["one"] != second["one"]
    assert first["shared"] == second["shared"]


def test_what_the_contract_declares_is_not_injected(app: Flask) -> None:
    with ThreadPoolExecutor() as threads:
        paths = ["/v1/things", "/v1/things?limit=3"]
        answers = list(threads.map(lambda path: get(app, path), paths))
    assert [answer["limit"] for answer in answers] == [7, 3]
