"""Example data: the examples of the contract, with numbers in their texts."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import BadRequest, Conflict

from chassis.contract import documents
from chassis.database import seed as seeding
from chassis.database.seed import example_references, seed

NAME = {"type": "string", "example": "First", "maxLength": 11}
DAY = {"type": "string", "format": "date", "example": "2026-02-03"}
KEY = {"type": "string", "example": "key"}


@pytest.fixture(autouse=True)
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The database is asked once for each command; here it is well."""
    asked: list[str] = []
    monkeypatch.setattr(seeding, "check", lambda: asked.append("database"))
    return asked


def things(serve: Callable[..., Flask], stored: list[Any], unique: str) -> Flask:
    def create(body: Any) -> tuple[None, int]:
        if any(body[unique] == other[unique] for other in stored):
            raise Conflict
        stored.append(body)
        return None, 201

    body = {
        "type": "object",
        "properties": {"name": NAME, "key": KEY, "size": {"example": 5}, "day": DAY},
    }
    operation = {
        "operationId": "handlers.create",
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"201": {"description": "Created"}},
    }
    return serve({"/things": {"post": operation}}, create=create)


def test_the_first_text_of_all_but_the_first_gets_a_number(
    serve: Callable[..., Flask], checked: list[str]
) -> None:
    stored: list[Any] = []
    runner = things(serve, stored, "name").test_cli_runner()
    assert runner.invoke(seed, ["--count", "2"]).output == "/things: created 2 of 2\n"
    assert stored == [
        {"name": name, "key": "key", "size": 5, "day": date(2026, 2, 3)}
        for name in ("First", "First 2")
    ]
    assert runner.invoke(seed, ["--count", "3"]).output == "/things: created 1 of 3\n"
    assert len(checked) == 2


def test_what_two_versions_of_an_api_create_is_created_once(
    serve: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[Any] = []
    app = things(serve, stored, "name")
    with app.app_context():
        (document,) = documents()
    second = {**document, "servers": [{"url": "/v2"}]}
    monkeypatch.setattr(seeding, "documents", lambda: [document, second])
    result = app.test_cli_runner().invoke(seed, ["--count", "2"])
    assert result.output == "/things: created 2 of 2\n"
    assert len(stored) == 2


def test_more_texts_get_a_number_where_one_does_not_do(serve: Callable[..., Flask]) -> None:
    stored: list[Any] = []
    runner = things(serve, stored, "key").test_cli_runner()
    assert runner.invoke(seed, ["--count", "3"]).output == "/things: created 3 of 3\n"
    assert [body["key"] for body in stored] == ["key", "key 2", "key 3"]
    assert runner.invoke(seed, ["--count", "3"]).output == "/things: created 0 of 3\n"


def test_an_example_that_is_refused_is_told(serve: Callable[..., Flask]) -> None:
    def create(body: Any) -> None:
        raise BadRequest("Not today.")

    body = {"type": "object", "properties": {"size": {"example": 5}}}
    operation = {
        "operationId": "handlers.create",
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {"201": {"description": "Created"}},
    }
    result = serve({"/things": {"post": operation}}, create=create).test_cli_runner().invoke(seed)
    assert result.exit_code == 1
    assert "POST /v1/things" in result.output
    assert "Not today." in result.output


def test_examples_refer_to_what_exists_or_is_created(serve: Callable[..., Flask]) -> None:
    stored: dict[str, list[Any]] = {"orders": [], "customers": []}

    def store(kind: str, body: Any) -> tuple[Any, int]:
        stored[kind].append({**body, "id": f"{kind} {len(stored[kind])}"})
        return stored[kind][-1], 201

    def operations(kind: str, properties: dict[str, Any]) -> dict[str, Any]:
        body = {"type": "object", "properties": {"name": KEY, **properties}}
        answer: dict[str, Any] = {"content": {"application/json": {"schema": {"type": "object"}}}}
        return {
            "get": {
                "operationId": f"handlers.list_{kind}",
                "responses": {"200": {"description": "A list", **answer}},
            },
            "post": {
                "operationId": f"handlers.create_{kind}",
                "requestBody": {"content": {"application/json": {"schema": body}}},
                "responses": {"201": {"description": "Created", **answer}},
            },
        }

    reference = {"type": "string", "example": "none", "x-refers-to": "/customers"}
    app = serve(
        {
            "/orders": operations("orders", {"customer": reference}),
            "/customers": operations("customers", {}),
        },
        list_orders=lambda: {"items": stored["orders"]},
        list_customers=lambda: {"items": stored["customers"]},
        create_orders=lambda body: store("orders", body),
        create_customers=lambda body: store("customers", body),
    )
    with app.app_context():
        (document,) = documents()
    client = app.test_client()
    for _ in range(2):
        found = example_references(client, document, "handlers.create_orders")
        assert found == {"customer": "customers 0"}
    assert stored["customers"] == [{"name": "key", "id": "customers 0"}]
    assert app.test_cli_runner().invoke(seed, ["--count", "2"]).output == (
        "/customers: created 2 of 2\n/orders: created 2 of 2\n"
    )
    assert [order["customer"] for order in stored["orders"]] == ["customers 0"] * 2
