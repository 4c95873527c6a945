"""openapi.yaml: it is the source of the API, and the service keeps to it."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
<% if cookiecutter.metrics %>
from prometheus_client import REGISTRY
<% endif %>

from chassis.contract import ContractError

import << cookiecutter.package_name >>.app as composition
from << cookiecutter.package_name >>.settings import Settings

DOCUMENT = Path(composition.__file__).with_name("openapi.yaml")
CONTRACT: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
BASE = CONTRACT["servers"][0]["url"]
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
METHODS = {"get", "put", "post", "patch", "delete"}
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]


def test_every_route_under_the_version_comes_from_the_contract(app: Flask) -> None:
    served = {
        (method, rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{BASE}/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, BASE + path) for method, path, _ in OPERATIONS}


def test_an_operation_without_a_handler_stops_the_start(
    settings: Settings,
    make_app: Callable[..., Flask],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    method, path, operation = OPERATIONS[0]
    operation = {**operation, "operationId": "nobody_wrote_this"}
    paths = {path: {**CONTRACT["paths"][path], method.lower(): operation}}
    document = tmp_path / "openapi.yaml"
    document.write_text(yaml.safe_dump({**CONTRACT, "paths": paths}))
    monkeypatch.setattr(composition, "__file__", str(tmp_path / "app.py"))
    with pytest.raises(ContractError) as caught:
        make_app(settings)
    reason = "there is no handler for operationId nobody_wrote_this: "
    assert str(caught.value).startswith(f"contract: {document}: {method} {path}: {reason}")


def test_a_new_operation_needs_nothing_but_its_handler(
    settings: Settings,
    make_app: Callable[..., Flask],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers = ModuleType("handlers")
    handlers.double = lambda number: {"result": 2 * number}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "handlers", handlers)
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    content = {"application/json": {"schema": {"type": "object"}}}
    operation = {
        "operationId": "handlers.double",
        "parameters": [number],
        "responses": {"200": {"description": "Doubled", "content": content}},
    }
    paths = {**CONTRACT["paths"], "/double/{number}": {"get": operation}}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump({**CONTRACT, "paths": paths}))
    monkeypatch.setattr(composition, "__file__", str(tmp_path / "app.py"))
    client = make_app(settings).test_client()
    assert client.get(f"{BASE}/double/21").get_json() == {"result": 42}
    refused = client.get(f"{BASE}/double/x", headers={"traceparent": TRACEPARENT})
    assert (refused.status_code, refused.get_json()["trace"]) == (400, TRACEPARENT[3:35])
<% if cookiecutter.metrics %>
    labels = {"method": "GET", "path": f"{BASE}/double/{{number}}", "status": "200"}
    assert REGISTRY.get_sample_value("http_requests_total", labels)
<% endif %>


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_declares_its_problems(
    method: str, path: str, operation: dict[str, Any]
) -> None:
<% if cookiecutter.__has_database %>
    expected = {"400", "503", "default"}
<% else %>
    expected = {"400", "default"}
<% endif %>
    if "{" in path:
        expected.add("404")
    if "requestBody" in operation:
        expected |= {"413", "415"}
    assert expected <= set(operation["responses"]), f"{method} {path}"


def test_the_document_is_served_as_it_is_written(client: FlaskClient) -> None:
    assert client.get("/openapi.json").get_json() == CONTRACT


def test_a_proxy_prefix_is_in_the_served_document(client: FlaskClient) -> None:
    response = client.get("/openapi.json", environ_overrides={"SCRIPT_NAME": "/prefix"})
    assert response.get_json()["servers"] == [{"url": f"/prefix{BASE}"}]


def test_a_response_that_breaks_the_contract_is_a_500_without_details(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    module = CONTRACT["paths"]["/<< cookiecutter.__resource_path >>"]["get"]["x-openapi-router-controller"]
    monkeypatch.setattr(f"{module}._represent", lambda one: {"secret": one.name})
    client = app.test_client()
    fields = {"name": "First", "category": "common"}
    response = client.post(f"{BASE}/<< cookiecutter.__resource_path >>", json=fields)
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "secret" not in response.text
    assert "NonConformingResponseBody" in caplog.text


def test_production_does_not_check_responses(
    settings: Settings, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = CONTRACT["paths"]["/<< cookiecutter.__resource_path >>"]["get"]["x-openapi-router-controller"]
    monkeypatch.setattr(f"{module}._represent", lambda one: {"odd": one.name})
    client = make_app(settings.model_copy(update={"environment": "production"})).test_client()
    fields = {"name": "First", "category": "common"}
    response = client.post(f"{BASE}/<< cookiecutter.__resource_path >>", json=fields)
    assert (response.status_code, response.get_json()) == (201, {"odd": "First"})
