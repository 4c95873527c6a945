"""Schemas: those that refer to others are compiled once, also where they refer to themselves."""

import time
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from chassis.contract import example_body, example_faults
from chassis.contract.schemas import Schemas

NODE = {"$ref": "#/components/schemas/Node"}
SCHEMAS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "name": {"type": "string", "example": "First"},
            "since": {"$ref": "#/components/schemas/Day"},
            "children": {"type": "array", "items": NODE},
        },
    },
    "Day": {"type": "string", "format": "date"},
    "Pet": {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"type": "string"}, "born": {"$ref": "#/components/schemas/Day"}},
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind"},
    },
    "Cat": {
        "allOf": [
            {"$ref": "#/components/schemas/Pet"},
            {
                "properties": {
                    "kind": {"enum": ["Cat"]},
                    "seen": {"$ref": "#/components/schemas/Day"},
                }
            },
        ]
    },
    "Dog": {
        "allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"kind": {"enum": ["Dog"]}}}]
    },
}


def operation(schema: Any) -> dict[str, Any]:
    content = {"content": {"application/json": {"schema": schema}}}
    return {
        "operationId": "handlers.take",
        "requestBody": {"required": True, **content},
        "responses": {"200": {"description": "The same", **content}},
    }


def serve_schema(serve: Callable[..., Flask], schema: Any, schemas: Any = None) -> tuple[Any, Any]:
    """Serves an operation that returns what it gets; returns a client and what the handler gets."""
    got: list[Any] = []

    def take(body: Any) -> Any:
        got.append(body)
        return body

    app = serve({"/things": {"post": operation(schema)}}, schemas or SCHEMAS, take=take)
    return app.test_client(), got


def test_a_schema_may_refer_to_itself(serve: Callable[..., Flask]) -> None:
    client, got = serve_schema(serve, NODE)
    tree = {"name": "a", "children": [{"name": "b", "since": "2026-02-03", "children": []}]}
    response = client.post("/v1/things", json=tree)
    assert (response.status_code, response.get_json()) == (200, tree)
    assert got[0]["children"][0]["since"] == date(2026, 2, 3)
    for children, pointers in (
        ([{"name": "b", "children": 1}], {"#/children/0/children"}),
        ([{"children": [{}]}], {"#/children/0/name", "#/children/0/children/0/name"}),
        ([{"name": "b", "id": 5}], {"#/children/0/id"}),
    ):
        refused = client.post("/v1/things", json={"name": "a", "children": children})
        assert refused.status_code == 400
        assert {error["pointer"] for error in refused.get_json()["errors"]} == pointers


def test_objects_of_a_schema_that_refers_to_itself_are_written(
    serve: Callable[..., Flask],
) -> None:
    leaf = SimpleNamespace(name="leaf", secret=1)
    root = SimpleNamespace(name="root", children=[leaf], secret=1)
    app = serve({"/things": {"post": operation(NODE)}}, SCHEMAS, take=lambda body: root)
    response = app.test_client().post("/v1/things", json={"name": "x"})
    assert response.get_json() == {"name": "root", "children": [{"name": "leaf"}]}


def test_a_tree_that_is_too_deep_is_refused(serve: Callable[..., Flask]) -> None:
    client, _ = serve_schema(serve, NODE)
    body = '{"name": "a", "children": [' * 400 + "]}" * 400
    response = client.post("/v1/things", data=body, content_type="application/json")
    assert (response.status_code, response.get_json()["errors"][0]["detail"]) == (
        400,
        "is nested too deeply",
    )


@pytest.mark.parametrize("schema", ["Pet", "Cat"])
@pytest.mark.parametrize("typed", [True, False])
def test_a_choice_may_contain_itself(serve: Callable[..., Flask], schema: str, typed: bool) -> None:
    pet = {key: value for key, value in SCHEMAS["Pet"].items() if typed or key != "type"}
    reference = {"$ref": f"#/components/schemas/{schema}"}
    client, got = serve_schema(serve, reference, {**SCHEMAS, "Pet": pet})
    cat = {"kind": "Cat", "born": "2026-02-03", "seen": "2026-02-04"}
    assert client.post("/v1/things", json=cat).status_code == 200
    assert got == [{"kind": "Cat", "born": date(2026, 2, 3), "seen": date(2026, 2, 4)}]
    assert client.post("/v1/things", json={"born": "2026-02-03"}).status_code == 400


@pytest.mark.parametrize("keyword", ["properties", "oneOf", "allOf"])
def test_schemas_that_share_others_are_compiled_in_linear_time(
    serve: Callable[..., Flask], keyword: str
) -> None:
    levels = 30
    schemas: dict[str, Any] = {f"Level{levels}": {"type": "string", "format": "date"}}
    for level in range(levels):
        below = {"$ref": f"#/components/schemas/Level{level + 1}"}
        inner = {"type": "object", "properties": {"a": below, "b": below}}
        if keyword != "properties":
            inner = {"type": "object", "properties": {"a": {keyword: [below]}, "b": below}}
        schemas[f"Level{level}"] = inner
    start = time.process_time()
    client, _ = serve_schema(serve, {"$ref": "#/components/schemas/Level0"}, schemas)
    assert client.post("/v1/things", json={"a": {"b": {}}}).status_code == 200
    assert time.process_time() - start < 2
    response = client.post("/v1/things", json={"a": {"b": {"a": 1}}})
    assert response.get_json()["errors"][0]["pointer"].startswith("#/a")


def test_a_reference_may_lead_to_another_one_and_to_any_place(serve: Callable[..., Flask]) -> None:
    schemas = {
        "Alias": {"$ref": "#/components/schemas/Part"},
        "Part": {"type": "object", "properties": {"a/b": {"type": "integer"}}},
        "Count": {"$ref": "#/components/schemas/Alias/properties/a~1b"},
    }
    client, _ = serve_schema(
        serve, {"type": "array", "items": {"$ref": "#/components/schemas/Count"}}, schemas
    )
    assert client.post("/v1/things", json=[5]).status_code == 200
    assert client.post("/v1/things", json=["x"]).status_code == 400


def test_what_is_no_demand_is_not_looked_at(serve: Callable[..., Flask]) -> None:
    schema = {
        "type": "object",
        "x-ui": {"properties": ["a", "b"], "pattern": "("},
        "x-internal": {"$ref": "nowhere"},
        "example": {"$ref": "nowhere", "required": 5},
        "properties": {
            "id": {"type": "string"},
            "enum": {"type": "integer"},
            "$ref": {"type": "string"},
        },
    }
    client, _ = serve_schema(serve, schema)
    assert client.post("/v1/things", json={"id": "x", "enum": 5, "$ref": "x"}).status_code == 200
    response = client.post("/v1/things", json={"id": 5, "enum": "x", "$ref": 1})
    assert {error["pointer"] for error in response.get_json()["errors"]} == {
        "#/id",
        "#/enum",
        "#/$ref",
    }


def test_a_pattern_may_allow_many_characters(serve: Callable[..., Flask]) -> None:
    client, _ = serve_schema(serve, {"type": "string", "pattern": r"^[\s\S]{1,65535}$"})
    assert client.post("/v1/things", json="x\ny" * 1000).status_code == 200
    assert client.post("/v1/things", json="x" * 65_536).status_code == 400
    assert client.post("/v1/things", json="").status_code == 400


def test_a_step_that_is_no_float_is_kept_in_both_directions(serve: Callable[..., Flask]) -> None:
    client, _ = serve_schema(serve, {"type": "number", "multipleOf": 0.01})
    for value, status in ((0.29, 200), (1.1, 200), (19.99, 200), (0.295, 400)):
        assert client.post("/v1/things", json=value).status_code == status, value


def test_numbers_are_checked_as_they_are_written(serve: Callable[..., Flask]) -> None:
    client, got = serve_schema(serve, {"type": "integer"})
    assert client.post("/v1/things", json=2**64).get_json() == 2**64
    assert got == [2**64]
    client, _ = serve_schema(serve, {"type": "number", "format": "decimal", "maximum": 1})
    for text, status in (
        ("1", 200),
        ("1.00000000000000000001", 400),
        ("0.99999999999999999999", 200),
    ):
        response = client.post("/v1/things", data=text, content_type="application/json")
        assert response.status_code == status, text


def test_an_example_of_a_schema_that_refers_to_itself_ends() -> None:
    document = {
        "paths": {"/things": {"post": {**operation(NODE), "operationId": "take"}}},
        "components": {"schemas": SCHEMAS},
    }
    assert example_body(document, "take") == {"name": "First", "children": []}
    assert example_faults(document) == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, r"\$ref: there is no #/components/schemas/Thing"),
        (
            {"components": {"schemas": {"Thing": {"$ref": "#/components/schemas/Thing"}}}},
            r"\$ref: #/components/schemas/Thing leads to itself",
        ),
        ({"components": {"schemas": {"Thing": 5}}}, "there is no"),
    ],
)
def test_a_reference_that_leads_nowhere_is_named(document: Any, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        Schemas(document).compile({"$ref": "#/components/schemas/Thing"})
