"""The fields of each resource: what lists them agrees, and a fault names the field that was forgotten."""

from dataclasses import MISSING, fields
from typing import Any

import pytest
<% if cookiecutter.__has_database %>
from sqlalchemy import String, Table
<% endif %>

from chassis.contract import example_faults, read_contract
from chassis.resources import Resource, parse_sort

from << cookiecutter.package_name >> import app
<% if cookiecutter.__has_database %>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model, table
<% else %>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model
<% endif %>

DOCUMENT = read_contract(app.CONTRACT)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
<% if cookiecutter.__has_database %>
TABLES = [
    (model.<< cookiecutter.__resource_class >>, table.<< cookiecutter.__resource_class >>Row.__table__),
]
MODELS = [model for model, _ in TABLES]
<% else %>
MODELS = [
    model.<< cookiecutter.__resource_class >>,
]
<% endif %>
# What responses do not show.
HIDDEN = {"version"}

each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
<% if cookiecutter.__has_database %>
each_table = pytest.mark.parametrize(
    ("model", "table"), TABLES, ids=[model.__name__ for model in MODELS]
)
<% endif %>


def names(model: type[Resource]) -> set[str]:
    """Returns the names of a model's fields."""
    return {field.name for field in fields(model)}


def properties(name: str) -> dict[str, Any]:
    """Returns the properties of a schema of the contract, with what their references lead to."""
    inner = SCHEMAS[name]["properties"]
    return {
        key: SCHEMAS[value["$ref"].rpartition("/")[2]] if "$ref" in value else value
        for key, value in inner.items()
    }


@each_model
def test_the_contract_shows_the_fields_of_the_model(model: type[Resource]) -> None:
    shown = SCHEMAS[model.__name__]
    assert set(shown["properties"]) == names(model) - HIDDEN
    assert set(shown["required"]) == names(model) - HIDDEN


@each_model
def test_bodies_have_the_fields_that_clients_set(model: type[Resource]) -> None:
    for kind in ("Fields", "Changes"):
        body = SCHEMAS[f"{model.__name__}{kind}"]
        assert set(body["properties"]) == names(model) - model.SERVICE_FIELDS, kind
        # What a body may have besides would reach the fields that only the service sets.
        assert body["additionalProperties"] is False, kind


@each_model
def test_what_the_contract_requires_has_no_default(model: type[Resource]) -> None:
    required = {
        field.name
        for field in fields(model)
        if field.default is MISSING and field.default_factory is MISSING
    }
    body = SCHEMAS[f"{model.__name__}Fields"]
    assert set(body["required"]) == required - model.SERVICE_FIELDS


@each_model
def test_the_contract_has_the_defaults_of_the_model(model: type[Resource]) -> None:
    body = properties(f"{model.__name__}Fields")
    declared = {name: field["default"] for name, field in body.items() if "default" in field}
    defaults = {name: value for name, value in model.defaults().items() if value is not None}
    assert declared == defaults


@each_model
def test_a_list_can_be_sorted_as_the_contract_says(model: type[Resource]) -> None:
    (sort,) = [
        parameter
        for item in DOCUMENT["paths"].values()
        for parameter in item.get("get", {}).get("parameters", [])
        if parameter["name"] == "sort" and f"{model.__name__}Page" in str(item["get"])
    ]
    for order in sort["schema"]["enum"]:
        assert parse_sort(order, model).field in names(model)


def test_bodies_have_examples_that_keep_to_the_contract() -> None:
    assert example_faults(DOCUMENT) == []
<% if cookiecutter.__has_database %>


@each_table
def test_the_table_has_a_column_for_each_field(model: type[Resource], table: Table) -> None:
    assert {column.name for column in table.columns} == names(model)


@each_table
def test_a_text_that_the_contract_allows_fits_into_its_column(
    model: type[Resource], table: Table
) -> None:
    for name, field in properties(model.__name__).items():
        kind = table.columns[name].type
        if isinstance(kind, String) and kind.length and "enum" not in field:
            assert field["maxLength"] <= kind.length, name


@each_table
def test_only_what_may_be_null_is_null(model: type[Resource], table: Table) -> None:
    shown = properties(model.__name__)
    nullable = {name for name, field in shown.items() if field.get("nullable")}
    assert nullable == {column.name for column in table.columns if column.nullable} - HIDDEN
<% endif %>
