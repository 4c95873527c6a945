"""Bodies: read by the media type that was sent, and handed on as its schema names them."""

import json
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

NUMBERED: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"nr": {"type": "integer"}, "day": {"type": "string", "format": "date"}},
}
LIST = {"type": "array", "items": {"type": "integer"}}
BINARY = {"type": "string", "format": "binary"}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MANY: dict[str, Any] = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": BINARY,
        "files": {"type": "array", "items": BINARY, "minItems": 2},
        "meta": NUMBERED,
        "metas": {"type": "array", "items": NUMBERED},
        "text": {"type": "string", "maxLength": 3},
        "json": {"type": "array", "items": {"type": "integer"}},
        "count": {"type": "integer"},
    },
}
ENCODING = {"json": {"contentType": "application/json"}}


class Asked:
    """An operation with a body, and what its handler gets."""

    def __init__(self, serve: Callable[..., Flask], content: Any, **body: Any) -> None:
        self.got: Any = None
        operation = {
            "operationId": "handlers.take",
            "requestBody": {
                "content": {
                    name: media if "schema" in media or not media else {"schema": media}
                    for name, media in content.items()
                },
                **body,
            },
            "responses": {"204": {"description": "Taken"}},
        }

        def take(body: Any, **files: Any) -> None:
            self.got = body
            self.files = {
                name: [one.read() for one in file] if isinstance(file, list) else file.read()
                for name, file in files.items()
            }

        self.app = serve({"/things": {"post": operation}}, take=take)
        self.client: FlaskClient = self.app.test_client()

    def post(self, data: Any, media_type: str | None) -> tuple[int, Any]:
        """Returns the status, and what the handler has got or the pointers of what is wrong."""
        self.got = "nothing"
        response = self.client.post("/v1/things", data=data, content_type=media_type)
        if response.status_code == 400:
            return 400, {error["pointer"] for error in response.get_json()["errors"]}
        return response.status_code, self.got


@pytest.mark.parametrize(
    ("declared", "sent", "status"),
    [
        ("application/json; charset=utf-8", "application/json", 204),
        ("application/json", "application/json; charset=utf-8", 204),
        ("application/*", "application/json", 204),
        ("*/*", "application/json", 204),
        ("application/*+json", "application/json", 415),
        ("application/vnd.a+json", "application/vnd.a+json", 204),
        ("application/vnd.a+json", "application/json", 415),
        ("Application/JSON", "application/json", 204),
        ("text/*", "application/json", 415),
    ],
)
def test_a_media_type_may_be_a_range_or_have_parameters(
    serve: Callable[..., Flask], declared: str, sent: str, status: int
) -> None:
    asked = Asked(serve, {declared: NUMBERED})
    made = asked.post('{"nr": 5}', sent)
    assert made[0] == status
    if status == 204:
        assert made[1] == {"nr": 5}
        assert asked.post('{"nr": "x"}', sent) == (400, {"#/nr"})
    else:
        assert asked.client.post("/v1/things", data="x", content_type=sent).get_json()[
            "detail"
        ] == (f"The request body must be {declared}.")


@pytest.mark.parametrize("declared", ["image/*", "*/*", "image/png"])
def test_other_types_arrive_as_bytes(serve: Callable[..., Flask], declared: str) -> None:
    asked = Asked(serve, {declared: BINARY})
    assert asked.post(b"\0\1", "image/png") == (204, b"\0\1")
    assert asked.post(b"\0\1", None) == (204, b"\0\1")
    assert asked.post(b"{", "application/json") == (
        (204, b"{") if declared == "*/*" else (415, "nothing")
    )


def test_of_several_types_the_one_that_was_sent_counts(serve: Callable[..., Flask]) -> None:
    asked = Asked(
        serve,
        {
            "application/octet-stream": BINARY,
            "application/json": NUMBERED,
            FORM: {"type": "object", "properties": {"size": {"type": "integer"}}},
            "application/json; version=2": LIST,
            "*/*": {},
        },
    )
    assert asked.post('{"nr": 5, "day": "2026-02-03"}', "application/json") == (
        204,
        {"nr": 5, "day": date(2026, 2, 3)},
    )
    assert asked.post("[1]", "application/json") == (400, {"#"})
    assert asked.post("[1]", "application/json; version=2") == (204, [1])
    assert asked.post("{}", "application/json; version=2") == (400, {"#"})
    assert asked.post(b"{", "application/octet-stream") == (204, b"{")
    assert asked.post({"size": "5"}, FORM) == (204, {"size": 5})
    assert asked.post({"size": "x"}, FORM) == (400, {"#/size"})
    assert asked.post("x", "text/plain") == (204, b"x")
    assert asked.post(b"x", None) == (204, b"x")


@pytest.mark.parametrize("name", ["meta", "metas"])
@pytest.mark.parametrize("file_name", [None, "", "meta.json"])
def test_a_part_may_be_json(serve: Callable[..., Flask], name: str, file_name: str | None) -> None:
    asked = Asked(serve, {MULTIPART: {"schema": {"properties": MANY["properties"]}}})
    text = '{"nr": 5}'
    part = text if file_name is None else (BytesIO(text.encode()), file_name, "application/json")
    expected: Any = {"nr": 5} if name == "meta" else [{"nr": 5}]
    assert asked.post({name: part}, MULTIPART) == (204, {name: expected})


def test_a_part_that_is_not_as_described_is_refused(serve: Callable[..., Flask]) -> None:
    asked = Asked(
        serve, {MULTIPART: {"schema": {"properties": MANY["properties"]}, "encoding": ENCODING}}
    )
    for name, text, pointer in (
        ("meta", "[1]", "#/meta"),
        ("meta", "{bad", "#/meta"),
        ("meta", '{"nr": "5"}', "#/meta/nr"),
        ("meta", "5", "#/meta"),
        ("json", "[1", "#/json"),
        ("json", '["x"]', "#/json/0"),
        ("count", "x", "#/count"),
        ("text", "long", "#/text"),
        ("file", "text", "#/file"),
        ("files", "text", "#/files"),
    ):
        assert asked.post({name: text}, MULTIPART) == (400, {pointer}), (name, text)
    assert asked.post({"json": "[1, 2]"}, MULTIPART) == (204, {"json": [1, 2]})
    assert asked.post({"text": ["a", "b"]}, MULTIPART) == (400, {"#/text"})


def test_every_fault_of_a_form_is_listed(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, {MULTIPART: MANY})
    data = {"meta": "{bad", "text": "long", "count": "x"}
    assert asked.post(data, MULTIPART) == (400, {"#/file", "#/meta", "#/text", "#/count"})


def test_files_arrive_beside_the_body(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, {MULTIPART: {"allOf": [MANY, {"required": ["files"]}]}})
    files = [(BytesIO(b"1"), "a"), (BytesIO(b"2"), "b")]
    data = {"file": (BytesIO(b"0"), "x"), "files": files, "text": "abc", "count": "5"}
    assert asked.post(data, MULTIPART) == (204, {"text": "abc", "count": 5})
    assert asked.files == {"file": b"0", "files": [b"1", b"2"]}
    one = {"file": (BytesIO(b"0"), "x"), "files": [(BytesIO(b"1"), "a")]}
    assert asked.post(one, MULTIPART) == (400, {"#/files"})
    two = {"file": [(BytesIO(b"0"), "x"), (BytesIO(b"1"), "y")]}
    assert asked.post(two, MULTIPART) == (400, {"#/file", "#/files"})
    assert asked.post({"text": "abc"}, MULTIPART) == (400, {"#/file", "#/files"})


def test_objects_in_forms(serve: Callable[..., Flask]) -> None:
    properties = {
        "meta": NUMBERED,
        "deep": NUMBERED,
        "ids": LIST,
        "days": {"type": "array", "items": {"type": "string", "format": "date"}},
    }
    encoding = {"deep": {"style": "deepObject", "explode": True}}
    asked = Asked(serve, {FORM: {"schema": {"properties": properties}, "encoding": encoding}})
    assert asked.post({"meta": '{"nr": 5}'}, FORM) == (204, {"meta": {"nr": 5}})
    assert asked.post({"meta": "5"}, FORM) == (400, {"#/meta"})
    assert asked.post({"deep[nr]": "5"}, FORM) == (204, {"deep": {"nr": 5}})
    assert asked.post({"deep[nr]": "x"}, FORM) == (400, {"#/deep/nr"})
    assert asked.post({"ids": ["1", "2"]}, FORM) == (204, {"ids": [1, 2]})
    assert asked.post({"ids": "1,2"}, FORM) == (204, {"ids": [1, 2]})
    assert asked.post({"days": "2026-02-03"}, FORM) == (204, {"days": [date(2026, 2, 3)]})


def test_a_form_is_one_of_several(serve: Callable[..., Flask]) -> None:
    choices = [
        {"required": ["nr"], "properties": {"nr": {"type": "integer"}}},
        {"required": ["on"], "properties": {"on": {"type": "boolean"}}},
    ]
    asked = Asked(serve, {FORM: {"type": "object", "oneOf": choices}})
    assert asked.post({"nr": "5"}, FORM) == (204, {"nr": 5})
    assert asked.post({"on": "true"}, FORM) == (204, {"on": True})
    assert asked.post({"on": "x"}, FORM) == (400, {"#"})


def test_a_multipart_form_that_cannot_be_read_is_refused(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, {MULTIPART: {"type": "object"}})
    assert asked.post(b"x", MULTIPART) == (400, {"#"})
    assert asked.post(b"x", f"{MULTIPART}; boundary=b") == (400, {"#"})


def test_a_field_may_be_as_large_as_a_body(serve: Callable[..., Flask]) -> None:
    asked = Asked(serve, {MULTIPART: {"type": "object"}, FORM: {"type": "object"}})
    part = '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n{}\r\n--b--\r\n'
    for form, media_type in ((part, f"{MULTIPART}; boundary=b"), ("text={}", FORM)):
        for size, status in ((900_000, 204), (1_100_000, 413)):
            assert asked.post(form.format("x" * size), media_type)[0] == status


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, {}),
        ({"properties": {"a": {"type": "integer"}}}, {}),
        (LIST, None),
        ({"type": "string"}, None),
        ({"type": "object", "nullable": True}, None),
        ({"type": "object", "default": {"a": 1}}, {"a": 1}),
        ({**LIST, "default": [1]}, [1]),
    ],
)
def test_an_optional_body_may_be_left_out(
    serve: Callable[..., Flask], schema: Any, expected: Any
) -> None:
    asked = Asked(serve, {"application/json": schema})
    assert asked.post(None, None) == (204, expected)
    assert asked.post(b"", "application/json") == (204, expected)


@pytest.mark.parametrize(
    ("media_type", "schema", "status", "got"),
    [
        ("application/octet-stream", BINARY, 204, b""),
        ("text/plain", {"type": "string"}, 204, b""),
        (FORM, {"type": "object"}, 204, {}),
        (FORM, {"type": "object", "required": ["a"]}, 400, {"#/a"}),
        (MULTIPART, MANY, 400, {"#/file"}),
        ("application/json", {}, 400, {"#"}),
    ],
)
def test_a_required_body_may_be_empty_if_its_type_allows_that(
    serve: Callable[..., Flask], media_type: str, schema: Any, status: int, got: Any
) -> None:
    asked = Asked(serve, {media_type: schema}, required=True)
    for sent in (media_type, None):
        assert asked.post(b"", sent) == (status, got)


def test_the_body_may_have_another_name(serve: Callable[..., Flask]) -> None:
    got: list[Any] = []
    operation = {
        "operationId": "handlers.take",
        "requestBody": {"x-body-name": "thing", "content": {"application/json": {"schema": {}}}},
        "responses": {"204": {"description": "Taken"}},
    }
    app = serve({"/things": {"delete": operation}}, take=lambda thing: got.append(thing))
    assert app.test_client().delete("/v1/things", json=[5]).status_code == 204
    assert got == [[5]]


def test_an_operation_that_describes_no_body_may_get_one(serve: Callable[..., Flask]) -> None:
    got: list[Any] = []
    operation = {
        "operationId": "handlers.take",
        "responses": {"204": {"description": "Taken"}},
    }
    app = serve({"/things": {"post": operation}}, take=lambda body: got.append(body))
    for content in ('{"a": 1}', "", "{"):
        app.test_client().post("/v1/things", data=content, content_type="application/json")
    assert got == [json.loads('{"a": 1}'), {}, {}]
