"""The contract is the source of the routes: what it names is served, or ends the start with one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import connexion
import pytest
from flask import Flask

from chassis.contract import ContractError, init_swagger_ui, read_contract

OPERATION: dict[str, Any] = {
    "operationId": "handlers.double",
    "parameters": [
        {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    ],
    "responses": {
        "200": {
            "description": "Doubled",
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
}
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_an_operation_needs_nothing_but_its_handler(serve: Callable[..., Flask]) -> None:
    app = serve(
        {"/double/{number}": {"get": OPERATION}}, double=lambda number: {"result": 2 * number}
    )
    client = app.test_client()
    assert client.get("/v1/double/21").get_json() == {"result": 42}
    refused = client.get("/v1/double/x", headers={"traceparent": TRACEPARENT})
    assert (refused.status_code, refused.get_json()["trace"]) == (400, TRACEPARENT[3:35])


def test_connexion_has_the_context_of_the_request(serve: Callable[..., Flask]) -> None:
    parameter = {"name": "day", "in": "query", "schema": {"type": "string", "format": "date"}}
    app = serve(
        {"/days": {"get": {**OPERATION, "parameters": [parameter]}}},
        double=lambda day: {"same": connexion.context["day"] is day},
    )
    assert app.test_client().get("/v1/days?day=2026-02-03").get_json() == {"same": True}


def test_connexion_reads_the_token_of_a_caller(serve: Callable[..., Flask]) -> None:
    bearer = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "handlers.find_owner"}
    app = serve(
        {"/double/{number}": {"get": {**OPERATION, "security": [{"bearer": []}]}}},
        components={"securitySchemes": {"bearer": bearer}},
        double=lambda number, user: {"result": f"{number} {user}"},
        find_owner=lambda token: {"sub": token},
    )
    client = app.test_client()
    answer = client.get("/v1/double/21", headers={"Authorization": "Bearer ann"})
    assert answer.get_json() == {"result": "21 ann"}
    assert client.get("/v1/double/21").status_code == 401


def test_an_operation_without_a_handler_stops_the_start(
    serve: Callable[..., Flask], tmp_path: Path
) -> None:
    with pytest.raises(ContractError) as caught:
        serve({"/double/{number}": {"get": OPERATION}})
    place = f"contract: {tmp_path / 'openapi.yaml'}: GET /double/{{number}}"
    reason = "there is no handler for operationId handlers.double: "
    assert str(caught.value).startswith(f"{place}: {reason}")


def test_a_proxy_prefix_is_in_the_served_document(serve: Callable[..., Flask]) -> None:
    app = serve({"/double/{number}": {"get": OPERATION}}, double=lambda number: {})
    init_swagger_ui(app, enabled=False, at_root=False)
    response = app.test_client().get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/prefix"})
    assert response.get_json()["servers"] == [{"url": "/prefix/v1"}]


def test_a_date_that_is_not_quoted_is_a_text(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text("{day: 2026-02-03, time: 2026-02-03T04:05:06Z, number: 1.50, none: null}")
    assert read_contract(document) == {
        "day": "2026-02-03",
        "time": "2026-02-03T04:05:06Z",
        "number": 1.5,
        "none": None,
    }
