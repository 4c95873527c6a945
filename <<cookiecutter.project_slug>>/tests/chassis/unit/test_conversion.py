"""What handlers get: each value with the type that its format names, and each number as it was written."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from chassis.contract.conversion import exact_loads, needs_exact_numbers, reader
from chassis.contract.schemas import Schemas

ID = "1cbbb0a2-6d1c-4b35-8e3f-55c3a4ac1b4e"
DECIMAL = {"type": "number", "format": "decimal"}
THING = {
    "type": "object",
    "properties": {
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time", "nullable": True},
        "owner": {"type": "string", "format": "uuid"},
        "price": DECIMAL,
        "cost": {"type": "string", "format": "decimal"},
        "ratio": {"type": "number"},
        "count": {"type": "integer"},
        "name": {"type": "string"},
        "days": {"type": "array", "items": {"type": "string", "format": "date"}},
        "inner": {"type": "object", "properties": {"price": DECIMAL}},
        "prices": {"type": "object", "additionalProperties": DECIMAL},
        "either": {"oneOf": [{"type": "string", "format": "uuid"}, {"type": "integer"}]},
        "based": {
            "type": "object",
            "properties": {"day": {"type": "string", "format": "date"}},
            "anyOf": [{"required": ["day"]}, {"properties": {"price": DECIMAL}}],
        },
        "large": {"type": "integer", "minimum": 0, "maximum": 10**30},
        "free": {"type": "object"},
        "all": {"allOf": [{"properties": {"price": DECIMAL}}, {"properties": {"name": {}}}]},
    },
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"day": "2026-02-03"}', {"day": date(2026, 2, 3)}),
        ('{"at": "2026-02-03T04:05:06.7Z"}', {"at": datetime(2026, 2, 3, 4, 5, 6, 700_000, UTC)}),
        ('{"at": "2026-02-03t04:05:06+01:00"}', {"at": datetime(2026, 2, 3, 3, 5, 6, tzinfo=UTC)}),
        ('{"at": null}', {"at": None}),
        (f'{{"owner": "{ID.upper()}"}}', {"owner": UUID(ID)}),
        ('{"price": 10.50}', {"price": Decimal("10.50")}),
        ('{"price": 10}', {"price": Decimal(10)}),
        ('{"price": 0.1234567890123456789}', {"price": Decimal("0.1234567890123456789")}),
        ('{"cost": "10.50"}', {"cost": Decimal("10.50")}),
        ('{"ratio": 0.1}', {"ratio": 0.1}),
        ('{"ratio": 1}', {"ratio": 1}),
        ('{"count": 340282366920938463463374607431768211456}', {"count": 2**128}),
        ('{"count": 18446744073709551616}', {"count": 2**64}),
        ('{"name": "2026-02-03"}', {"name": "2026-02-03"}),
        ('{"days": ["2026-02-03"]}', {"days": [date(2026, 2, 3)]}),
        ('{"inner": {"price": 0.10}}', {"inner": {"price": Decimal("0.10")}}),
        ('{"prices": {"a": 0.10}}', {"prices": {"a": Decimal("0.10")}}),
        (f'{{"either": "{ID}"}}', {"either": UUID(ID)}),
        ('{"either": 5}', {"either": 5}),
        ('{"all": {"price": 0.10, "name": "x"}}', {"all": {"price": Decimal("0.10"), "name": "x"}}),
        ('{"based": {"day": "2026-02-03"}}', {"based": {"day": date(2026, 2, 3)}}),
        ('{"large": 18446744073709551616}', {"large": 2**64}),
        ('{"free": {"a": [0.5, {"b": 1}]}}', {"free": {"a": [0.5, {"b": 1}]}}),
        ('{"free": {"a": 18446744073709551616}}', {"free": {"a": 2.0**64}}),
        ('{"ratio": 18446744073709551616}', {"ratio": 2.0**64}),
        ('{"unknown": 0.5}', {"unknown": 0.5}),
    ],
)
def test_a_body_is_converted(serve: Callable[..., Flask], body: str, expected: Any) -> None:
    got: list[Any] = []
    client = serve(
        {"/things": {"post": operation("handlers.take", body=THING)}},
        take=lambda body: got.append(body),
    ).test_client()
    response = client.post("/v1/things", data=body, content_type="application/json")
    assert response.status_code == 204, response.text
    assert got == [expected]
    assert [str(value) for value in got] == [str(expected)]


@pytest.mark.parametrize(
    "body",
    [
        '{"day": "2026-02-30"}',
        '{"day": "20260203"}',
        '{"at": "2026-02-03 04:05:06Z"}',
        '{"at": "2026-02-03T04:05:06"}',
        '{"at": "2026-02-30T04:05:06Z"}',
        '{"at": "2026-02-03T04:05:60Z"}',
        '{"at": "0001-01-01T00:00:00+14:00"}',
        f'{{"owner": "{ID.replace("-", "")}"}}',
        '{"cost": "1e5"}',
        '{"cost": "NaN"}',
        '{"cost": 5}',
        '{"price": "10.50"}',
        '{"price": NaN}',
        '{"count": 1.0e400}',
        '{"name": "\\ud800"}',
        '{"count": ' + "1" * 5000 + "}",
        '{"either": "x"}',
        '{"large": 1' + "0" * 31 + "}",
        '{"price": 0e999999999}',
        '{"price": 1e-999999999}',
        '{"price": 0.' + "1" * 1000 + "}",
        '{"free": ' + "[" * 1000 + "]" * 1000 + "}",
    ],
)
def test_a_value_that_is_none_of_its_format_is_refused(
    serve: Callable[..., Flask], body: str
) -> None:
    client = serve(
        {"/things": {"post": operation("handlers.take", body=THING)}}, take=lambda body: None
    ).test_client()
    response = client.post("/v1/things", data=body, content_type="application/json")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


def test_parameters_are_converted(serve: Callable[..., Flask]) -> None:
    got: dict[str, Any] = {}
    parameters = [
        parameter("thing-id", "path", {"type": "string", "format": "uuid"}),
        parameter("day", "query", {"type": "string", "format": "date"}),
        parameter("price", "query", DECIMAL),
        parameter(
            "days", "query", {"type": "array", "items": {"type": "string", "format": "date"}}
        ),
        parameter("plain", "query", {"type": "string"}),
        parameter("since", "query", {"type": "string", "format": "date-time"}, required=False),
    ]
    client = serve(
        {"/things/{thing-id}": {"get": operation("handlers.take", parameters=parameters)}},
        take=lambda **arguments: got.update(arguments),
    ).test_client()
    query = "day=2026-02-03&price=0.1234567890123456789&days=2026-02-03,2026-02-04&plain=2026-02-03"
    assert client.get(f"/v1/things/{ID}?{query}").status_code == 204
    assert got == {
        "thing_id": UUID(ID),
        "day": date(2026, 2, 3),
        "price": Decimal("0.1234567890123456789"),
        "days": [date(2026, 2, 3), date(2026, 2, 4)],
        "plain": "2026-02-03",
    }


def test_a_default_of_the_contract_is_converted(serve: Callable[..., Flask]) -> None:
    got: dict[str, Any] = {}
    parameters = [
        parameter(name, "query", schema, required=False)
        for name, schema in {
            "day": {"type": "string", "format": "date", "default": "2026-02-03"},
            "price": {**DECIMAL, "default": 0.5},
            "limit": {"type": "integer", "default": 20},
        }.items()
    ]
    client = serve(
        {"/things": {"get": operation("handlers.take", parameters=parameters)}},
        take=lambda **arguments: got.update(arguments),
    ).test_client()
    assert client.get("/v1/things").status_code == 204
    assert got == {"day": date(2026, 2, 3), "price": Decimal("0.5"), "limit": 20}


def test_an_integer_fits_its_format(serve: Callable[..., Flask]) -> None:
    schema = {
        "type": "object",
        "properties": {
            "small": {"type": "integer", "format": "int32", "minimum": 0},
            "long": {"type": "integer", "format": "int64"},
        },
    }
    client = serve(
        {"/things": {"post": operation("handlers.take", body=schema)}}, take=lambda body: None
    ).test_client()
    for name, value, status in (
        ("small", 2**31 - 1, 204),
        ("small", 2**31, 400),
        ("small", -1, 400),
        ("long", 2**63 - 1, 204),
        ("long", 2**63, 400),
        ("long", -(2**63), 204),
    ):
        assert client.post("/v1/things", json={name: value}).status_code == status, (name, value)


def test_only_what_needs_it_is_read_exactly() -> None:
    schemas = Schemas({})
    bounded = {"type": "integer", "minimum": 0, "maximum": 9}
    for schema in (bounded, {"type": "integer", "format": "int64"}, {"type": "number"}, {}):
        assert not needs_exact_numbers(schema, schemas)
        assert not needs_exact_numbers({"properties": {"x": {"items": schema}}}, schemas)
    large = {"type": "integer", "minimum": 0, "maximum": 2**64}
    for schema in (DECIMAL, {"type": "integer"}, {"type": "integer", "minimum": 0}, large):
        inside = {"properties": {"x": {"items": {"allOf": [{}, schema]}}}}
        assert needs_exact_numbers(inside, schemas)
        assert needs_exact_numbers({"additionalProperties": schema}, schemas)


def test_what_needs_no_conversion_has_none() -> None:
    assert reader({"type": "object", "properties": {"name": {"type": "string"}}}) is None
    assert reader({"type": "object", "properties": {"ratio": {"type": "number"}, "x": {}}}) is None
    assert reader({"type": "array", "items": {"type": "boolean"}}) is None
    assert reader({"oneOf": [{"type": "string"}, {"type": "integer"}]}) is None


def test_times_of_any_zone_are_read_as_utc() -> None:
    read = reader({"type": "string", "format": "date-time"})
    assert read is not None
    time = datetime(2026, 2, 3, 4, 5, 6, tzinfo=timezone(timedelta(hours=-5)))
    assert read(time.isoformat()).tzinfo is UTC
    assert read(time.isoformat()) == time


def test_exact_numbers_are_read_from_what_is_json_only() -> None:
    assert exact_loads(b"[1.10]") == [Decimal("1.10")]
    for content in (b"[NaN]", b"[" * 2000, b"", b'"\\ud800"'):
        with pytest.raises(ValueError, match=r"line|surrogate|number|unexpected|Input"):
            exact_loads(content)


def operation(name: str, *, body: Any = None, parameters: Any = None) -> dict[str, Any]:
    return {
        "operationId": name,
        **({"parameters": parameters} if parameters else {}),
        **({"requestBody": {"content": {"application/json": {"schema": body}}}} if body else {}),
        "responses": {"204": {"description": "Taken"}},
    }


def parameter(name: str, place: str, schema: Any, *, required: bool = True) -> dict[str, Any]:
    style = {"explode": False} if schema.get("type") == "array" else {}
    return {"name": name, "in": place, "required": required, "schema": schema, **style}
