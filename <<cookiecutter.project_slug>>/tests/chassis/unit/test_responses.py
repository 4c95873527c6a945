"""What leaves: objects by the response's schema, everything else as handlers return it; all of it checked if wanted."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask import Flask, Response

ID = UUID("1cbbb0a2-6d1c-4b35-8e3f-55c3a4ac1b4e")
PART = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "note": {"type": "string"}},
}
TEXTS = {"type": "array", "items": {"type": "string"}}
THING: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "day": {"type": "string", "format": "date", "nullable": True},
        "at": {"type": "string", "format": "date-time"},
        "price": {"type": "number"},
        "cost": {"type": "string", "format": "decimal"},
        "count": {"type": "integer"},
        "kind": {"type": "string", "enum": ["common", "rare"]},
        "tags": TEXTS,
        "part": {**PART, "nullable": True},
        "parts": {"type": "array", "items": PART},
        "prices": {"type": "object", "additionalProperties": {"type": "number"}},
        "key": {"type": "string", "writeOnly": True},
    },
}


class Kind(enum.Enum):
    RARE = "rare"


class Named(NamedTuple):
    id: UUID
    name: str


@dataclass
class Part:
    name: str
    hidden: str = "hidden"


@dataclass
class Thing:
    id: UUID = ID
    name: str = "First"
    day: date | None = None
    at: datetime = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    price: Any = Decimal("10.50")
    cost: Any = Decimal("0.10")
    count: int = 5
    kind: Kind = Kind.RARE
    tags: list[str] = field(default_factory=lambda: ["a"])
    part: Part | None = None
    parts: list[Part] = field(default_factory=lambda: [Part("x")])
    prices: dict[str, Decimal] = field(default_factory=lambda: {"a": Decimal("1.10")})
    key: str = "hidden"
    version: int = 7


WRITTEN = (
    f'{{"id":"{ID}","name":"First","day":null,"at":"2026-02-03T04:05:06Z","price":10.50,"cost":"0.10","count":5,'
    '"kind":"rare","tags":["a"],"part":null,"parts":[{"name":"x"}],"prices":{"a":1.10}}'
)


def answer(serve: Callable[..., Flask], result: Any, schema: Any = None, **options: Any) -> Any:
    """Calls an operation whose handler returns this."""
    operation = {
        "operationId": "handlers.get_thing",
        "responses": {
            "200": {
                "description": "A thing",
                "content": {"application/json": {"schema": schema or THING}},
            },
            "201": {
                "description": "A new thing",
                "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                "content": {"application/json": {"schema": schema or THING}},
            },
        },
    }
    schemas = {"Part": PART, "Thing": THING, "Texts": TEXTS}
    app = serve({"/things": {"get": operation}}, schemas, get_thing=lambda: result, **options)
    return app.test_client().get("/v1/things")


def test_an_object_is_written_by_the_schema(serve: Callable[..., Flask]) -> None:
    response = answer(serve, Thing())
    assert (response.status_code, response.text) == (200, WRITTEN)


@pytest.mark.parametrize(
    "items", [[Thing(), Thing()], (Thing(), Thing()), iter([Thing(), Thing()])]
)
def test_objects_of_a_list_are_written_by_the_schema(
    serve: Callable[..., Flask], items: Any
) -> None:
    response = answer(
        serve, {"items": items}, {"properties": {"items": {"type": "array", "items": THING}}}
    )
    assert response.text == f'{{"items":[{WRITTEN},{WRITTEN}]}}'


def test_any_object_with_these_attributes_will_do(serve: Callable[..., Flask]) -> None:
    for thing in (SimpleNamespace(id=ID, name="First", other=1), Named(ID, "First")):
        assert answer(serve, thing).text == f'{{"id":"{ID}","name":"First"}}'


def test_an_object_that_lacks_what_is_required_is_a_500(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    assert answer(serve, SimpleNamespace(name="First")).status_code == 500
    assert "SimpleNamespace has no attribute for id" in caplog.text


def test_a_dictionary_leaves_behind_what_is_not_allowed(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    result = {"id": ID, "name": "First", "other": "hidden", "part": {"name": "x", "other": 1}}
    response = answer(serve, result)
    assert response.get_json() == {"id": str(ID), "name": "First", "part": {"name": "x"}}
    assert "left out of a response: the contract does not allow 'other' there" in caplog.text
    assert result["other"] == "hidden"


def test_a_dictionary_leaves_behind_what_is_written_only(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    schema = {"type": "object", "properties": {"key": {"type": "string", "writeOnly": True}}}
    assert answer(serve, {"key": "hidden", "other": 5}, schema).get_json() == {"other": 5}
    assert "the contract does not allow 'key' there" in caplog.text


def test_a_dictionary_keeps_what_is_allowed(serve: Callable[..., Flask]) -> None:
    schema = {"type": "object", "properties": {"price": {"type": "number"}}}
    result = {"price": Decimal("1.10"), "other": 5, "part": {"a": 1}}
    assert answer(serve, result, schema).text == '{"price":1.10,"other":5,"part":{"a":1}}'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal("1E+3"), "1E+3"),
        (2**64, "18446744073709551616"),
        (-(2**200), str(-(2**200))),
        (2**64 - 1, "18446744073709551615"),
        (0.1, "0.1"),
        (5, "5"),
    ],
)
def test_numbers_are_exact(serve: Callable[..., Flask], value: Any, written: str) -> None:
    assert (
        answer(serve, {"x": value}, {"properties": {"x": {"type": "number"}}}).text
        == f'{{"x":{written}}}'
    )


def test_integers_of_any_size_are_written(serve: Callable[..., Flask]) -> None:
    schema = {"properties": {"x": {"type": "integer"}}}
    assert answer(serve, {"x": 10**40}, schema).text == f'{{"x":{10**40}}}'


def test_a_number_that_json_does_not_have_is_a_500(serve: Callable[..., Flask]) -> None:
    assert (
        answer(serve, {"x": Decimal("NaN")}, {"properties": {"x": {"type": "number"}}}).status_code
        == 500
    )


def test_of_several_schemas_that_of_the_class_is_taken(serve: Callable[..., Flask]) -> None:
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Part"}, {"$ref": "#/components/schemas/Thing"}]
    }
    assert answer(serve, Part("x"), schema).text == '{"name":"x"}'
    assert answer(serve, Thing(), schema).text == WRITTEN
    assert answer(serve, {"name": "x"}, schema).text == '{"name":"x"}'
    assert answer(serve, SimpleNamespace(name="x"), schema).status_code == 500


def test_numbers_are_exact_whichever_schema_they_have(serve: Callable[..., Flask]) -> None:
    decimal, text = {"type": "number"}, {"type": "string", "format": "decimal"}
    for value, schemas, written in (
        (Decimal("1.10"), [decimal, {"type": "string"}], "1.10"),
        (Decimal("1.10"), [text, {"type": "boolean"}], '"1.10"'),
        (2**64, [{"type": "integer"}, PART], "18446744073709551616"),
    ):
        assert answer(serve, {"x": value}, {"properties": {"x": {"anyOf": schemas}}}).text == (
            f'{{"x":{written}}}'
        )
    bounded = {"type": "integer", "minimum": 0, "maximum": 10**30}
    schema = {"properties": {"x": bounded}}
    assert answer(serve, {"x": 10**30}, schema).text == f'{{"x":{10**30}}}'


def test_what_all_of_several_schemas_have_is_written(serve: Callable[..., Flask]) -> None:
    demands = [{"required": ["name"]}, {"required": ["note"]}]
    assert answer(serve, Part("x"), {**PART, "oneOf": demands}).text == '{"name":"x"}'


def test_of_several_schemas_that_of_the_discriminator_is_taken(
    serve: Callable[..., Flask],
) -> None:
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Part"}, {"$ref": "#/components/schemas/Thing"}],
        "discriminator": {"propertyName": "name", "mapping": {"x": "#/components/schemas/Part"}},
    }
    assert answer(serve, SimpleNamespace(name="x", other=1), schema).text == '{"name":"x"}'


def test_what_has_no_schema_passes(serve: Callable[..., Flask]) -> None:
    assert answer(serve, {"a": [1, ID]}, {"type": "object"}).text == f'{{"a":[1,"{ID}"]}}'
    assert answer(serve, {"a": Decimal("1.10")}, {"type": "object"}).text == '{"a":1.10}'
    large = {"a": [2**64, {"b": (10**30,)}]}
    assert answer(serve, large, {"type": "object"}).text == f'{{"a":[{2**64},{{"b":[{10**30}]}}]}}'
    assert answer(serve, Response("as it is", 202)).text == "as it is"


@pytest.mark.parametrize(
    ("result", "schema"),
    [
        ({"part": Part("x")}, {"type": "object"}),
        ([Part("x")], {"type": "array"}),
        ([Part("x")], PART),
        ({"part": Part("x")}, {"oneOf": [{"type": "object"}, {"type": "string"}]}),
    ],
)
def test_an_object_that_no_schema_describes_does_not_leave(
    serve: Callable[..., Flask], result: Any, schema: Any
) -> None:
    response = answer(serve, result, schema, validate_responses=False)
    assert response.status_code == 500
    assert "hidden" not in response.text


def test_a_response_that_breaks_the_contract_is_a_500_without_details(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    response = answer(serve, {"id": "no uuid", "name": 5})
    assert (response.status_code, response.mimetype) == (500, "application/problem+json")
    assert "uuid" not in response.text
    assert "NonConformingResponseBody" in caplog.text
    assert "NonConformingResponseBody: GET /things: 200: #/" in caplog.text
    for fault in ('#/id is not a "uuid"', '#/name is not of type "string"'):
        assert fault in caplog.text


def test_a_status_that_the_contract_does_not_declare_is_told(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    assert answer(serve, ({}, 418)).status_code == 418
    assert "GET /things: the contract does not declare the status 418" in caplog.text
    caplog.clear()
    assert answer(serve, ({}, 418), validate_responses=False).status_code == 418
    assert "418" not in caplog.text


def test_a_text_is_no_json(serve: Callable[..., Flask]) -> None:
    operation = {
        "operationId": "handlers.get",
        "responses": {
            "200": {
                "description": "A text",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        },
    }
    client = serve({"/things": {"get": operation}}, get=lambda: "5").test_client()
    assert client.get("/v1/things").text == "5"


def test_a_header_that_is_missing_is_a_500(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    assert answer(serve, (Thing(), 201)).status_code == 500
    assert "GET /things: 201: there is no header location" in caplog.text
    created = answer(serve, (Thing(), 201, {"Location": "things/1"}))
    assert (created.status_code, created.location) == (201, "/v1/things/1")


def test_where_responses_are_not_checked_they_pass(serve: Callable[..., Flask]) -> None:
    response = answer(serve, {"odd": "First"}, {"required": ["x"]}, validate_responses=False)
    assert (response.status_code, response.get_json()) == (200, {"odd": "First"})


def test_none_is_an_empty_response(serve: Callable[..., Flask]) -> None:
    response = answer(serve, None)
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
