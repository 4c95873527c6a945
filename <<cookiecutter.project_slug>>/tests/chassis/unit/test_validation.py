"""Validation: what a contract can say, what is accepted and how a refusal is explained."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from injector import Injector

from chassis import contract, tracing
from chassis.contract import problems, serialization

DOCUMENT = """
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: /v1}]
paths:
  /things/{number}:
    put:
      operationId: handlers.put_thing
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer, minimum: 1}}
        - {name: ratio, in: query, schema: {type: number}}
        - {name: flag, in: query, schema: {type: boolean}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - name: box
          in: query
          style: deepObject
          explode: true
          schema: {type: object, properties: {width: {type: integer}}}
        - {name: day, in: query, required: true, schema: {type: string, format: date}}
        - {name: X-Token, in: header, schema: {type: string, maxLength: 3}}
        - {name: session, in: cookie, schema: {type: string, maxLength: 3}}
      requestBody:
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Thing"}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /forms:
    post:
      operationId: handlers.post_form
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [size]
              properties: {size: {type: integer}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /files:
    post:
      operationId: handlers.post_file
      requestBody:
        content:
          application/octet-stream:
            schema: {type: string, format: binary}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
  /plain:
    get:
      operationId: handlers.get_plain
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: object}}}}
components:
  schemas:
    Thing:
      type: object
      additionalProperties: false
      required: [id, name, parts]
      properties:
        id: {type: integer, readOnly: true}
        name: {type: string, minLength: 2}
        "a/b~c": {type: string}
        note: {type: string, nullable: true}
        color: {type: string, nullable: true, enum: [red, blue]}
        key: {type: string, format: uuid}
        at: {type: string, format: date-time}
        parts:
          type: array
          items:
            type: object
            required: [count]
            properties:
              count: {type: integer, maximum: 5}
"""
GOOD = {"name": "ab", "parts": [{"count": 1}]}
PATH = "/v1/things/1?day=2026-01-02"


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    handlers = ModuleType("handlers")
    for name in ("put_thing", "post_form", "get_plain"):
        setattr(handlers, name, lambda **arguments: arguments)
    handlers.post_file = lambda body: {"size": len(body)}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "handlers", handlers)
    document = tmp_path / "openapi.yaml"
    document.write_text(DOCUMENT)
    app = Flask(__name__)
    serialization.init_app(app)
    tracing.init_app(app)
    contract.init_app(
        app,
        Injector(),
        document,
        validate_responses=False,
        max_body_bytes=10_000,
        body_timeout=1,
    )
    problems.init_app(app, {})
    return app.test_client()


def violations(client: FlaskClient, path: str, **request: Any) -> set[tuple[str, str]]:
    response = client.put(path, **request)
    assert response.status_code == 400, response.text
    assert response.mimetype == "application/problem+json"
    return {(error["location"], error["pointer"]) for error in response.get_json()["errors"]}


def test_values_arrive_with_the_type_of_the_contract(client: FlaskClient) -> None:
    path = f"{PATH}&ratio=-1.5e3&flag=true&ids=1,2&box[width]=7"
    response = client.put(path, json=GOOD, headers={"X-Token": "abc"})
    assert response.status_code == 200, response.text
    assert response.get_json() == {
        "number": 1,
        "ratio": -1500.0,
        "flag": True,
        "ids": [1, 2],
        "box": {"width": 7},
        "day": "2026-01-02",
        "body": GOOD,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"note": None},
        {"color": None},
        {"color": "red"},
        {"key": "0f5b0d3c-8d4e-4b53-9f5e-5b2f1f0f3a11"},
        {"at": "2026-01-02T03:04:05Z"},
    ],
)
def test_what_the_contract_allows_is_accepted(client: FlaskClient, change: Any) -> None:
    assert client.put(PATH, json={**GOOD, **change}).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": "a"}, "#/name"),
        ({"name": None}, "#/name"),
        ({"a/b~c": 1}, "#/a~1b~0c"),
        ({"color": "green"}, "#/color"),
        ({"key": "{0f5b0d3c-8d4e-4b53-9f5e-5b2f1f0f3a11}"}, "#/key"),
        ({"at": "yesterday"}, "#/at"),
        ({"parts": [{"count": 1}, {"count": 6}]}, "#/parts/1/count"),
        ({"parts": [{}]}, "#/parts/0/count"),
        ({"id": 1}, "#/id"),
        ({"surplus": 1}, "#/surplus"),
    ],
)
def test_a_violation_of_the_body_has_its_pointer(
    client: FlaskClient, change: Any, pointer: str
) -> None:
    assert violations(client, PATH, json={**GOOD, **change}) == {("body", pointer)}


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/v1/things/0?day=2026-01-02", ("path", "#/number")),
        ("/v1/things/abc?day=2026-01-02", ("path", "#/number")),
        ("/v1/things/1", ("query", "#/day")),
        ("/v1/things/1?day=2026-02-30", ("query", "#/day")),
        ("/v1/things/1?day=20260102", ("query", "#/day")),
        (f"{PATH}&ratio=nan", ("query", "#/ratio")),
        (f"{PATH}&ratio=1_0", ("query", "#/ratio")),
        (f"{PATH}&flag=yes", ("query", "#/flag")),
        (f"{PATH}&ids=1,x", ("query", "#/ids/1")),
        (f"{PATH}&box[width]=x", ("query", "#/box/width")),
        (f"{PATH}&surplus=1", ("query", "#/surplus")),
        (f"{PATH}&ratio=1&ratio=2", ("query", "#/ratio")),
    ],
)
def test_a_violation_of_a_parameter_has_its_pointer(
    client: FlaskClient, path: str, place: tuple[str, str]
) -> None:
    assert violations(client, path, json=GOOD) == {place}


def test_a_query_that_is_not_utf_8_is_refused(client: FlaskClient) -> None:
    assert ("query", "#") in violations(client, "/v1/things/1?day=%ff", json=GOOD)


def test_headers_and_cookies_are_checked(client: FlaskClient) -> None:
    client.set_cookie("session", "long")
    found = violations(client, PATH, json=GOOD, headers={"X-Token": "long"})
    assert found == {("header", "#/X-Token"), ("cookie", "#/session")}


def test_every_violation_is_listed(client: FlaskClient) -> None:
    found = violations(client, "/v1/things/0?day=x&ratio=x&more=1", json={"more": 1})
    assert found == {
        ("path", "#/number"),
        ("query", "#/day"),
        ("query", "#/ratio"),
        ("query", "#/more"),
        ("body", "#/name"),
        ("body", "#/parts"),
        ("body", "#/more"),
    }


def test_no_value_of_the_request_is_repeated(client: FlaskClient) -> None:
    response = client.put(PATH, json={**GOOD, "key": "my-password"})
    assert "my-password" not in response.text


@pytest.mark.parametrize("body", ["{", "NaN", '{"name": "\\ud800"}', '"text', "\x00"])
def test_what_is_not_json_is_refused(client: FlaskClient, body: str) -> None:
    found = violations(client, PATH, data=body, content_type="application/json")
    assert found == {("body", "#")}


def test_a_body_that_is_not_required_may_be_left_out(client: FlaskClient) -> None:
    assert client.put(PATH).status_code == 200


def test_json_that_is_nested_too_deeply_is_refused(client: FlaskClient) -> None:
    name = "[" * 900 + "]" * 900
    body = f'{{"name": {name}, "parts": []}}'
    assert violations(client, PATH, data=body, content_type="application/json") == {("body", "#")}


def test_another_content_type_is_refused(client: FlaskClient) -> None:
    response = client.put(PATH, data="a=b", content_type="text/plain")
    assert response.status_code == 415
    assert response.get_json()["detail"] == "The request body must be application/json."


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    response = client.put(PATH, data=b"x" * 10_001, content_type="application/json")
    assert (response.status_code, response.mimetype) == (413, "application/problem+json")


def test_forms_are_checked(client: FlaskClient) -> None:
    assert client.post("/v1/forms", data={"size": "5"}).get_json() == {"body": {"size": 5}}
    assert client.post("/v1/forms", data={"size": "x"}).status_code == 400


def test_bytes_pass_unchecked(client: FlaskClient) -> None:
    response = client.post("/v1/files", data=b"\0\1", content_type="application/octet-stream")
    assert response.get_json() == {"size": 2}


def test_an_operation_without_parameters_takes_none(client: FlaskClient) -> None:
    assert client.get("/v1/plain").status_code == 200
    assert client.get("/v1/plain?a=1").status_code == 400
