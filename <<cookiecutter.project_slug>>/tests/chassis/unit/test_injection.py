"""Injection: handlers get the services they declare, and a new one for each request if it is so bound."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
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


class Given(Shared):
    """Given by hand."""


GIVEN = Given()


class Counter:
    def __init__(self, start: int) -> None:
        self.start = start

    def __call__(self, shared: Inject[Shared], limit: int) -> dict[str, Any]:
        return {"shared": shared.__class__.__name__, "limit": self.start + limit}

    def count(self, limit: int, shared: Inject[Shared]) -> dict[str, Any]:
        return self(shared, limit)


def with_unknown_types(
    limit: "Number",  # type: ignore[name-defined]  # noqa: F821 as under TYPE_CHECKING
    shared: "Inject[Shared]",
) -> "Answer":  # type: ignore[name-defined]  # noqa: F821
    return {"shared": shared.__class__.__name__, "limit": limit}


def with_more(shared: Inject[Shared], limit: int, more: int) -> dict[str, Any]:
    return {"shared": shared.__class__.__name__, "limit": limit + more}


def around(limit: int) -> Callable[..., Any]:
    @wraps(with_unknown_types)
    def inner(**arguments: Any) -> Any:
        return {**with_unknown_types(**arguments), "around": limit}

    return inner


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (Counter(10), {"shared": "Shared", "limit": 17}),
        (Counter(10).count, {"shared": "Shared", "limit": 17}),
        (with_unknown_types, {"shared": "Shared", "limit": 7}),
        (around(5), {"shared": "Shared", "limit": 7, "around": 5}),
        (partial(with_more, more=3), {"shared": "Shared", "limit": 10}),
        (partial(with_more, shared=GIVEN, more=3), {"shared": "Given", "limit": 10}),
        (partial(partial(with_more, more=1), more=2), {"shared": "Shared", "limit": 9}),
        (partial(lambda limit, more: {"limit": limit + more}, more=1), {"limit": 8}),
    ],
)
def test_whatever_can_be_called_is_a_handler(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, handler: Any, expected: Any
) -> None:
    monkeypatch.setattr(sys.modules["handlers"], "get_things", handler)
    again, injector = Flask(__name__), Injector()
    serialization.init_app(again)
    document = tmp_path / "openapi.yaml"
    contract.init_app(
        again, injector, document, validate_responses=True, max_body_bytes=100, body_timeout=1
    )
    injection.init_app(again, injector)
    assert get(again, "/v1/things") == expected


def test_what_is_to_be_injected_has_to_be_known(app: Flask, tmp_path: Path) -> None:
    def unknown(missing: "Inject[Missing]") -> None:  # type: ignore[name-defined]  # noqa: F821
        """Declares what is not there."""

    sys.modules["handlers"].get_things = unknown  # type: ignore[attr-defined]
    with pytest.raises(contract.ContractError, match="the argument missing of the handler: name"):
        contract.init_app(
            Flask(__name__),
            Injector(),
            tmp_path / "openapi.yaml",
            validate_responses=True,
            max_body_bytes=100,
            body_timeout=1,
        )
