"""The fields of a resource: the places that list them agree."""

from dataclasses import fields
from typing import Any

import pytest
from flask.testing import FlaskClient

<% if cookiecutter.__has_database %>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model, sql
<% else %>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model
<% endif %>

FIELDS = {field.name for field in fields(model.<< cookiecutter.__resource_class >>)}
SET_BY_THE_SERVICE = {"id", "created_at", "updated_at"}


@pytest.fixture
def schemas(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").get_json()["components"]["schemas"]
    return found


def test_the_contract_shows_the_fields_of_the_model(schemas: dict[str, Any]) -> None:
    shown = schemas["<< cookiecutter.__resource_class >>"]
    assert set(shown["properties"]) == FIELDS
    assert set(shown["required"]) == FIELDS


@pytest.mark.parametrize("kind", ["Fields", "Changes"])
def test_the_contract_takes_the_fields_that_clients_set(schemas: dict[str, Any], kind: str) -> None:
    taken = schemas[f"<< cookiecutter.__resource_class >>{kind}"]["properties"]
    assert set(taken) == FIELDS - SET_BY_THE_SERVICE


def test_the_contract_has_the_defaults_of_the_model(schemas: dict[str, Any]) -> None:
    properties = schemas["<< cookiecutter.__resource_class >>Fields"]["properties"]
    declared = {name: field["default"] for name, field in properties.items() if "default" in field}
    assert declared == {name: value for name, value in model.DEFAULTS.items() if value is not None}


def test_the_contract_sorts_as_the_model_does(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").get_json()["paths"]
    parameters = paths["/<< cookiecutter.__resource_path >>"]["get"]["parameters"]
    (sort,) = [parameter for parameter in parameters if parameter["name"] == "sort"]
    assert sort["schema"]["enum"] == list(model.SORTS)


def test_the_api_shows_the_fields_of_the_model(client: FlaskClient) -> None:
    body = {"name": "First", "category": "common"}
    created = client.post("/v1/<< cookiecutter.__resource_path >>", json=body)
    assert set(created.get_json()) == FIELDS
<% if cookiecutter.__has_database %>


def test_the_table_has_a_column_for_each_field() -> None:
    columns = sql.<< cookiecutter.__resource_class >>Row.__table__.columns
    assert {column.name for column in columns} == FIELDS
<% endif %>
