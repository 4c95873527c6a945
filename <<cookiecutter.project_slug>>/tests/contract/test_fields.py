"""The fields of each resource: what lists them agrees, and a fault names the field that was forgotten."""

from dataclasses import MISSING, fields
<% if cookiecutter.__has_database %>
from decimal import Decimal
from math import inf
<% endif %>
from typing import Any

import pytest
<% if cookiecutter.__has_database %>
from sqlalchemy import BigInteger, Integer, String, Table
<% endif %>
from tests.contract.stubs import without_stubs

from chassis.contract import example_faults, read_contract, reader
from chassis.resources import Resource, parse_sort
<% if cookiecutter.__has_database %>
from chassis.resources.sql import ExactNumeric
<% endif %>

from << cookiecutter.package_name >> import app
<% if cookiecutter.__has_database %>
from << cookiecutter.package_name >>.tables import Base
<% endif %>

DOCUMENT = read_contract(app.CONTRACT)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
# By name: a dataclass with slots is made of a class that may be there, too.
FOUND = {model.__name__: model for model in Resource.__subclasses__()}
MODELS = [model for model in FOUND.values() if model.__module__.startswith(f"{app.__package__}.")]
<% if cookiecutter.__has_database %>
ROWS = {mapper.class_.__name__: mapper.local_table for mapper in Base.registry.mappers}
TABLES = [(model, ROWS[f"{model.__name__}Row"]) for model in MODELS]
<% endif %>
# What responses do not show.
HIDDEN = {"version"}
<% if cookiecutter.__has_database %>
LARGEST = {"int32": 2**31 - 1, "int64": 2**63 - 1}
<% endif %>

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
    return {key: resolved(value) for key, value in SCHEMAS[name]["properties"].items()}


def resolved(value: dict[str, Any]) -> dict[str, Any]:
    """Returns what a reference leads to; a value that is none, as it is."""
    while "$ref" in value:
        _, _, kind, name = value["$ref"].split("/")
        value = DOCUMENT["components"][kind][name]
    return value


def default(field: dict[str, Any]) -> Any:
    """Returns the default of a field, as a handler would get it."""
    read = reader(field)
    return read(field["default"]) if read else field["default"]


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
    declared = {name: default(field) for name, field in body.items() if "default" in field}
    defaults = {name: value for name, value in model.defaults().items() if value is not None}
    assert declared == defaults


@each_model
def test_a_list_can_be_sorted_as_the_contract_says(model: type[Resource]) -> None:
    orders = [
        order
        for item in DOCUMENT["paths"].values()
        if f"/schemas/{model.__name__}Page'" in str(item.get("get"))
        for parameter in map(resolved, item["get"].get("parameters", []))
        if parameter["name"] == "sort"
        for order in resolved(parameter["schema"])["enum"]
    ]
    assert orders, "there is no list with a parameter `sort`"
    for order in orders:
        assert parse_sort(order, model).field in names(model)


def test_bodies_have_examples_that_keep_to_the_contract() -> None:
    assert example_faults(without_stubs(DOCUMENT)) == []
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
            assert field.get("maxLength", inf) <= kind.length, f"{name}: maxLength"


@each_table
def test_a_number_that_the_contract_allows_fits_into_its_column(
    model: type[Resource], table: Table
) -> None:
    for name, field in properties(f"{model.__name__}Fields").items():
        kind = table.columns[name].type
        if isinstance(kind, Integer):
            largest: float = LARGEST["int64" if isinstance(kind, BigInteger) else "int32"]
            declared = LARGEST.get(field.get("format", ""), inf)
            assert field.get("maximum", declared) <= largest, f"{name}: maximum"
            assert field.get("minimum", -declared) >= -largest - 1, f"{name}: minimum"
        elif isinstance(kind, ExactNumeric) and field["type"] == "number":
            numeric: Any = kind.impl
            scale = numeric.scale or 0
            largest = 10 ** (numeric.precision - scale) if numeric.precision else inf
            assert field.get("maximum", inf) < largest, f"{name}: maximum"
            assert field.get("minimum", -inf) > -largest, f"{name}: minimum"
            step = Decimal(str(field.get("multipleOf", "NaN"))).scaleb(scale)
            assert step == step.to_integral_value(), f"{name}: multipleOf"


@each_table
def test_only_what_may_be_null_is_null(model: type[Resource], table: Table) -> None:
    shown = properties(model.__name__)
    nullable = {name for name, field in shown.items() if field.get("nullable")}
    assert nullable == {column.name for column in table.columns if column.nullable} - HIDDEN
<% endif %>
