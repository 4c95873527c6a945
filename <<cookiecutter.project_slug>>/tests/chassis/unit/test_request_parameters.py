"""Parameters: each style of OpenAPI 3.0, and what clients send instead."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

INTEGERS = {"type": "array", "items": {"type": "integer"}}
TEXTS = {"type": "array", "items": {"type": "string"}}
BOX = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "width": {"type": "integer"},
        "depth": {"type": "integer", "default": 2},
        "tags": TEXTS,
        "size": {"type": "object", "properties": {"x": {"type": "number"}}},
    },
}
NARROW = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
}
DEEP = {"style": "deepObject", "explode": True}


class Asked:
    """An operation with parameters, and what its handler gets."""

    def __init__(
        self,
        serve: Callable[..., Flask],
        path: str,
        *parameters: dict[str, Any],
        **schemas: Any,
    ) -> None:
        self.got: dict[str, Any] = {}
        operation = {
            "operationId": "handlers.take",
            "parameters": list(parameters),
            "responses": {"204": {"description": "Taken"}},
        }

        def take(**arguments: Any) -> None:
            self.got = arguments

        app = serve({path: {"get": operation}}, schemas, take=take)
        self.client: FlaskClient = app.test_client(use_cookies=False)

    def get(self, path: str, **request: Any) -> tuple[int, Any]:
        """Returns the status, and what the handler has got or the places of what is wrong."""
        self.got = {}
        response = self.client.get(f"/v1{path}", **request)
        if response.status_code == 400:
            errors = response.get_json()["errors"]
            return 400, {(error["location"], error["pointer"]) for error in errors}
        return response.status_code, self.got


def parameter(name: str, place: str, schema: Any, **more: Any) -> dict[str, Any]:
    required = {"required": True} if place == "path" else {}
    return {"name": name, "in": place, "schema": schema, **required, **more}


def test_the_parameter_of_an_operation_replaces_that_of_its_path(
    serve: Callable[..., Flask],
) -> None:
    got: list[Any] = []
    limit = parameter("limit", "query", {"type": "integer", "maximum": 10})
    item = {
        "parameters": [limit, parameter("name", "query", {"type": "string"})],
        "get": {
            "operationId": "handlers.take",
            "parameters": [{**limit, "schema": {"type": "integer", "maximum": 100}}],
            "responses": {"204": {"description": "Taken"}},
        },
    }
    client = serve({"/things": item}, take=lambda **arguments: got.append(arguments)).test_client()
    assert client.get("/v1/things?limit=50&name=x").status_code == 204
    assert got == [{"limit": 50, "name": "x"}]
    assert client.get("/v1/things?limit=101").status_code == 400


@pytest.mark.parametrize(
    ("more", "schema", "query", "value"),
    [
        ({}, TEXTS, "p=a&p=b,c", ["a", "b,c"]),
        ({}, INTEGERS, "p=1&p=2", [1, 2]),
        ({}, INTEGERS, "p=1,2", [1, 2]),
        ({}, {**TEXTS, "items": {"type": "string", "enum": ["a", "b"]}}, "p=a,b", ["a", "b"]),
        ({}, {**TEXTS, "items": {"type": "string", "nullable": True}}, "p=a&p=null", ["a", None]),
        ({"explode": False}, TEXTS, "p=a,b", ["a", "b"]),
        ({"style": "spaceDelimited", "explode": False}, INTEGERS, "p=1%202", [1, 2]),
        ({"style": "pipeDelimited", "explode": False}, TEXTS, "p=a|b,c", ["a", "b,c"]),
        (DEEP, BOX, "p[width]=1&p[size][x]=2", {"width": 1, "depth": 2, "size": {"x": 2.0}}),
        (DEEP, BOX, "p[tags]=a&p[tags]=b", {"depth": 2, "tags": ["a", "b"]}),
        (DEEP, BOX, "p[tags][]=a", {"depth": 2, "tags": ["a"]}),
        (DEEP, {"type": "object"}, "p[a][b]=1&p[a][c]=2", {"a": {"b": "1", "c": "2"}}),
        (DEEP, {"type": "object", "additionalProperties": INTEGERS}, "p[a]=1", {"a": [1]}),
        ({}, NARROW, "width=1&height=2", {"width": 1, "height": 2}),
        ({"explode": False}, NARROW, "p=width,1,height,2", {"width": 1, "height": 2}),
        ({}, {"allOf": [{"type": "integer"}, {"maximum": 5}]}, "p=5", 5),
        ({}, {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "p=true", True),
        ({}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "p=x", "x"),
        ({}, {"oneOf": [INTEGERS, {"type": "string", "enum": ["all"]}]}, "p=1&p=2", [1, 2]),
        ({}, {"oneOf": [INTEGERS, {"type": "string", "enum": ["all"]}]}, "p=all", "all"),
        ({}, {"enum": [1, 2, "x", True]}, "p=2", 2),
        ({}, {}, "p=5", "5"),
        ({}, {"type": "boolean"}, "p=True", True),
        ({}, {"type": "boolean"}, "p=FALSE", False),
        ({}, {"type": "integer"}, f"p={2**64}", 2**64),
    ],
)
def test_a_query_is_read_in_its_style(
    serve: Callable[..., Flask], more: Any, schema: Any, query: str, value: Any
) -> None:
    asked = Asked(serve, "/things", parameter("p", "query", schema, **more))
    status, got = asked.get(f"/things?{query}")
    assert (status, got) == (204, {"p": value})
    assert type(got["p"]) is type(value)


@pytest.mark.parametrize(
    ("more", "schema", "query", "pointers"),
    [
        (DEEP, BOX, "p=5", ["#/p"]),
        (DEEP, BOX, "p[width][x]=1", ["#/p/width"]),
        (DEEP, BOX, "p[width]=1&p[width]=2", ["#/p/width"]),
        (DEEP, BOX, "p[other]=1", ["#/p/other"]),
        (DEEP, BOX, "p[size]=1", ["#/p/size"]),
        (DEEP, BOX, "p[width=1", ["#/p%5Bwidth"]),
        (DEEP, BOX, "p" + "[x]" * 50 + "=1", ["#/p" + "%5Bx%5D" * 50]),
        ({"explode": False}, NARROW, "p=width", ["#/p"]),
        ({}, NARROW, "width=x", ["#/p/width"]),
        ({}, NARROW, "depth=1", ["#/depth"]),
        ({}, {"type": "array", "items": NARROW}, "p=5", ["#/p/0"]),
        ({}, {**INTEGERS, "items": {"type": "integer", "nullable": True}}, "p=x", ["#/p/0"]),
        ({}, {"allOf": [{"type": "integer"}, {"maximum": 5}]}, "p=6", ["#/p"]),
        ({}, {"oneOf": [{"type": "integer"}, {"type": "boolean"}]}, "p=x", ["#/p"]),
        ({}, {"enum": [1, 2]}, "p=3", ["#/p"]),
        ({}, {"type": "boolean"}, "p=yes", ["#/p"]),
        ({}, {"type": "string"}, "p=a&p=b", ["#/p"]),
    ],
)
def test_what_is_not_in_the_style_is_refused(
    serve: Callable[..., Flask], more: Any, schema: Any, query: str, pointers: list[str]
) -> None:
    asked = Asked(serve, "/things", parameter("p", "query", schema, **more))
    assert asked.get(f"/things?{query}") == (400, {("query", pointer) for pointer in pointers})


def test_a_parameter_may_be_json(serve: Callable[..., Flask]) -> None:
    content = {"application/json": {"schema": BOX}}
    asked = Asked(serve, "/things", {"name": "p", "in": "query", "content": content})
    assert asked.get('/things?p={"width":1}') == (204, {"p": {"width": 1}})
    assert asked.get('/things?p={"width":"x"}') == (400, {("query", "#/p/width")})
    assert asked.get("/things?p={") == (400, {("query", "#/p")})


def test_a_parameter_that_is_nested_too_deeply_is_refused(serve: Callable[..., Flask]) -> None:
    day = {"type": "string", "format": "date"}
    days = {"type": "array", "items": {"oneOf": [day, {"$ref": "#/components/schemas/Days"}]}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Days"}}}
    asked = Asked(serve, "/things", {"name": "p", "in": "query", "content": content}, Days=days)
    assert asked.get("/things?p=" + "[" * 900 + "]" * 900) == (400, {("query", "#/p")})
    assert asked.get('/things?p=[["2026-02-03"]]') == (204, {"p": [[date(2026, 2, 3)]]})


@pytest.mark.parametrize(
    ("more", "schema", "path", "value"),
    [
        ({}, {"type": "integer"}, "5", 5),
        ({}, INTEGERS, "1,2", [1, 2]),
        ({}, NARROW, "width,1,height,2", {"width": 1, "height": 2}),
        ({"explode": True}, NARROW, "width=1,height=2", {"width": 1, "height": 2}),
        ({"style": "label"}, {"type": "integer"}, ".5", 5),
        ({"style": "label"}, INTEGERS, ".1,2", [1, 2]),
        ({"style": "label", "explode": True}, INTEGERS, ".1.2", [1, 2]),
        ({"style": "label", "explode": True}, NARROW, ".width=1", {"width": 1}),
        ({"style": "matrix"}, {"type": "integer"}, ";the-id=5", 5),
        ({"style": "matrix"}, INTEGERS, ";the-id=1,2", [1, 2]),
        ({"style": "matrix", "explode": True}, INTEGERS, ";the-id=1;the-id=2", [1, 2]),
        (
            {"style": "matrix", "explode": True},
            NARROW,
            ";width=1;height=2",
            {"width": 1, "height": 2},
        ),
    ],
)
def test_a_path_is_read_in_its_style(
    serve: Callable[..., Flask], more: Any, schema: Any, path: str, value: Any
) -> None:
    asked = Asked(serve, "/things/{the-id}", parameter("the-id", "path", schema, **more))
    assert asked.get(f"/things/{path}") == (204, {"the_id": value})
    for wrong in ("x", ".x", ";other=5"):
        assert asked.get(f"/things/{wrong}")[0] == 400


@pytest.mark.parametrize(
    ("name", "argument"), [("thing-id", "thing_id"), ("my.id", "myid"), ("thingId", "thingId")]
)
def test_a_parameter_of_the_path_may_have_any_name(
    serve: Callable[..., Flask], name: str, argument: str
) -> None:
    asked = Asked(serve, f"/things/{{{name}}}", parameter(name, "path", {"type": "integer"}))
    assert asked.get("/things/5") == (204, {argument: 5})
    assert asked.get("/things/x") == (400, {("path", f"#/{name}")})


def test_the_rest_of_a_path_may_be_a_parameter(serve: Callable[..., Flask]) -> None:
    rest = parameter("the-rest", "path", {"type": "string", "format": "path"})
    asked = Asked(serve, "/things/{the-rest}", rest)
    assert asked.get("/things/a/b") == (204, {"the_rest": "a/b"})


@pytest.mark.parametrize("place", ["header", "cookie"])
def test_headers_and_cookies_have_styles(serve: Callable[..., Flask], place: str) -> None:
    asked = Asked(
        serve,
        "/things",
        parameter("list", place, INTEGERS),
        parameter("box", place, NARROW, explode=False),
    )

    def send(name: str, text: str) -> tuple[int, Any]:
        header = {name: text} if place == "header" else {"Cookie": f"{name}={text}"}
        return asked.get("/things", headers=header)

    assert send("list", "1,2") == (204, {})
    assert send("list", "1,x") == (400, {(place, "#/list/1")})
    assert send("box", "width,1") == (204, {})
    assert send("box", "width") == (400, {(place, "#/box")})
    assert send("box", "width,x") == (400, {(place, "#/box/width")})


def test_a_list_in_a_header_may_have_spaces(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, "/things", parameter("X-Ids", "header", INTEGERS))
    assert asked.get("/things", headers={"X-Ids": "1, 2"}) == (204, {})


def test_defaults_are_handed_on(serve: Callable[..., Flask]) -> None:
    asked = Asked(
        serve,
        "/things",
        parameter("box", "query", BOX, **DEEP),
        parameter("ids", "query", {**INTEGERS, "default": [1]}),
        parameter("nothing", "query", {"type": "string", "nullable": True, "default": None}),
    )
    assert asked.get("/things") == (204, {"box": {"depth": 2}, "ids": [1], "nothing": None})
    asked.got["ids"].append(2)
    assert asked.get("/things") == (204, {"box": {"depth": 2}, "ids": [1], "nothing": None})


def test_the_key_of_a_client_may_be_in_the_query(serve: Callable[..., Flask]) -> None:
    operation = {
        "operationId": "handlers.take",
        "security": [{"key": []}],
        "responses": {"204": {"description": "Taken"}},
    }
    function = "x-apikeyInfoFunc"
    scheme = {"type": "apiKey", "in": "query", "name": "k", function: "handlers.check"}
    app = serve(
        {"/things": {"get": operation}},
        components={"securitySchemes": {"key": scheme}},
        take=lambda: None,
        check=lambda key: {"sub": key} if key == "right" else None,
    )
    client = app.test_client()
    assert client.get("/v1/things?k=right").status_code == 204
    assert client.get("/v1/things?k=wrong").status_code == 401
    assert client.get("/v1/things?k=right&other=1").status_code == 400


def test_pointers_are_fragments_of_uris(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, "/things")
    status, pointers = asked.get("/things?a%20b/c~d%25é=1")
    assert (status, pointers) == (400, {("query", "#/a%20b~1c~0d%25%C3%A9")})
