"""openapi.yaml: it is the source of the API, and the service keeps to it."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.contract.stubs import METHODS, has_stub
from tools.contract import project
from tools.contract.operations import base_path

from chassis import routes
from chassis.contract import read_contract

from << cookiecutter.package_name >>.app import CONTRACTS

ROOT = Path(__file__).parents[2]
DOCUMENTS = {base_path(document): document for document in map(read_contract, CONTRACTS)}
OPERATIONS = [
    (method.upper(), base + path, operation)
    for base, document in DOCUMENTS.items()
    for path, item in document["paths"].items()
    for method, operation in item.items()
    if method in METHODS
]
WRITTEN = [operation for operation in OPERATIONS if not has_stub(operation[-1])]


def test_every_version_is_served() -> None:
    assert [version.contract for version in project.find(ROOT).versions()] == CONTRACTS


def test_every_route_under_a_version_comes_from_its_contract(app: Flask) -> None:
    served = {
        (method, routes.template(app, rule))
        for rule in app.url_map.iter_rules()
        for base in DOCUMENTS
        if (rule.rule.startswith(f"{base}/") if base else "." in rule.endpoint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == {(method, path) for method, path, _ in OPERATIONS}


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


def test_each_document_is_served_as_it_is_written(client: FlaskClient) -> None:
    first, *others = DOCUMENTS
    assert client.get("/openapi.json").get_json() == DOCUMENTS[first]
    for base in others:
        path = f"/openapi{base.replace('/', '-')}.json"
        assert client.get(path).get_json() == DOCUMENTS[base]
