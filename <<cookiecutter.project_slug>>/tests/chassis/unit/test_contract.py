"""The contract is the source of the routes: what it names is served, or ends the start with one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import connexion
import pytest
from flask import Flask

from chassis import routes
from chassis.contract import ContractError, check_routes, init_swagger_ui

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


BEARER = {"bearer": {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "handlers.find_owner"}}
SECURED = {"/double/{number}": {"get": {**OPERATION, "security": [{"bearer": []}]}}}


def test_connexion_has_the_context_of_the_request(serve: Callable[..., Flask]) -> None:
    app = serve(
        SECURED,
        components={"securitySchemes": BEARER},
        double=lambda number, user: {"same": connexion.context["user"] is user},
        find_owner=lambda token: {"sub": token},
    )
    answer = app.test_client().get("/v1/double/21", headers={"Authorization": "Bearer ann"})
    assert answer.get_json() == {"same": True}


def test_connexion_reads_the_token_of_a_caller(serve: Callable[..., Flask]) -> None:
    app = serve(
        SECURED,
        components={"securitySchemes": BEARER},
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
    place = f"contract: {tmp_path / 'openapi.yaml'}:9: GET /double/{{number}}"
    reason = "there is no handler for operationId handlers.double: "
    assert str(caught.value).startswith(f"{place}: {reason}")


@pytest.mark.parametrize(
    ("path", "method", "lost"),
    [
        ("/readyz", "get", "GET /readyz"),
        ("/openapi.json", "get", "GET /openapi.json"),
        ("/readyz", "post", None),
        ("/{name}", "get", None),
        ("/files/{name}", "get", "GET /files/{name}"),
        ("/things", "get", None),
    ],
)
def test_no_path_is_taken_from_the_service_itself(
    serve: Callable[..., Flask], path: str, method: str, lost: str | None
) -> None:
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
    parameters = [name] if "{" in path else []
    operation = {**OPERATION, "parameters": parameters}
    app = serve({path: {method: operation}}, servers=[{"url": "/"}], double=lambda **names: names)
    app.add_url_rule("/readyz", "readyz", dict)
    app.add_url_rule("/files/<path:name>", "files", lambda name: {})
    init_swagger_ui(app, enabled=False, at_root=False)
    if lost is None:
        check_routes(app)
    else:
        with pytest.raises(ContractError) as caught:
            check_routes(app)
        assert (
            str(caught.value)
            == f"contract: {lost}: the service has a route of its own at this path"
        )


@pytest.mark.parametrize("order", [("get", "head", "options"), ("options", "head", "get")])
def test_operations_that_flask_would_answer_itself_are_served(
    serve: Callable[..., Flask], order: tuple[str, ...]
) -> None:
    called: list[str] = []
    item = {
        method: {"operationId": f"handlers.{method}", "responses": {"204": {"description": "Done"}}}
        for method in order
    }
    handlers = {method: lambda method=method: called.append(method) for method in order}
    client = serve({"/things": item}, **handlers).test_client()
    for method in order:
        assert client.open("/v1/things", method=method).status_code == 204
    assert called == list(order)


def test_a_path_without_them_is_answered_by_flask(serve: Callable[..., Flask]) -> None:
    operation = {**OPERATION, "parameters": []}
    client = serve({"/things": {"get": operation}}, double=lambda: {"a": 1}).test_client()
    assert client.head("/v1/things").status_code == 200
    assert set(client.options("/v1/things").allow) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("name", ["doc-id", "my.id", "rest"])
def test_a_route_has_the_path_of_the_contract(serve: Callable[..., Flask], name: str) -> None:
    kind = {"type": "string", **({"format": "path"} if name == "rest" else {})}
    parameter = {"name": name, "in": "path", "required": True, "schema": kind}
    operation = {**OPERATION, "parameters": [parameter]}
    app = serve(
        {f"/things/{{{name}}}": {"get": operation}},
        double=lambda **names: {"path": routes.path_template()},
    )
    assert app.test_client().get("/v1/things/5").get_json() == {"path": f"/v1/things/{{{name}}}"}


def test_the_module_of_the_handlers_may_stand_on_the_path(serve: Callable[..., Flask]) -> None:
    item = {
        "x-openapi-router-controller": "handlers",
        "get": {"operationId": "get", "responses": {"204": {"description": "Done"}}},
    }
    assert (
        serve({"/things": item}, get=lambda: None).test_client().get("/v1/things").status_code
        == 204
    )
