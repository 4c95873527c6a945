"""openapi.yaml: it is the source of the API, and the service keeps to it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.contract.stubs import METHODS, has_stub
from tools.contract.operations import base_path

from chassis import routes
from chassis.contract import read_contract

from << cookiecutter.package_name >>.app import CONTRACT

DOCUMENT = read_contract(CONTRACT)
BASE = base_path(DOCUMENT)
OPERATIONS = [
    (method.upper(), path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]
WRITTEN = [operation for operation in OPERATIONS if not has_stub(operation[-1])]


def test_every_route_under_the_version_comes_from_the_contract(app: Flask) -> None:
    served = {
        (method, routes.template(app, rule))
        for rule in app.url_map.iter_rules()
        if (rule.rule.startswith(f"{BASE}/") if BASE else "." in rule.endpoint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, BASE + path) for method, path, _ in OPERATIONS}


@pytest.mark.parametrize(("method", "path", "operation"), WRITTEN)
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
    assert client.get("/openapi.json").get_json() == DOCUMENT
