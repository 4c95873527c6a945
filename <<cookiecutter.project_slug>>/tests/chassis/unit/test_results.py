"""Results: what handlers may return, and which media type it gets."""

import enum
from collections import namedtuple
from collections.abc import Callable, Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Any

import connexion
import flask
import pytest
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionResponse
from flask import Flask
from werkzeug.wrappers import Response

JSON = "application/json"
PROBLEM = "application/problem+json"
ANY: dict[str, Any] = {"application/json": {"schema": {}}}
Pair = namedtuple("Pair", ["a", "b"])


class Color(enum.Enum):
    RED = "red"


def ask(serve: Callable[..., Flask], result: Any, content: Any = None, **statuses: Any) -> Any:
    """Calls an operation whose handler returns this; a function is called first."""
    responses = {
        status.lstrip("_"): {"description": "Declared", "content": declared}
        for status, declared in statuses.items()
    }
    responses.setdefault(
        "200", {"description": "Fine", "content": ANY if content is None else content}
    )
    operation = {"operationId": "handlers.get", "responses": responses}
    app = serve(
        {"/things": {"get": operation}}, get=lambda: result() if callable(result) else result
    )
    return app.test_client().get("/v1/things")


@pytest.mark.parametrize(
    ("result", "status", "text", "media_type"),
    [
        (connexion.NoContent, 204, "", None),
        ((connexion.NoContent, 201), 201, "", None),
        ((connexion.NoContent, 202, {"X-A": "1"}), 202, "", None),
        ((None, 404), 404, "", None),
        ({"a": 1}, 200, '{"a":1}', JSON),
        (({"a": 1},), 200, '{"a":1}', JSON),
        (({"a": 1}, 202), 202, '{"a":1}', JSON),
        (({"a": 1}, HTTPStatus.ACCEPTED), 202, '{"a":1}', JSON),
        (({"a": 1}, "202 Accepted"), 202, '{"a":1}', JSON),
        (({"a": 1}, {"X-A": "1"}), 200, '{"a":1}', JSON),
        (({"a": 1}, [("X-A", "1")]), 200, '{"a":1}', JSON),
        (({"a": 1}, 202, None), 202, '{"a":1}', JSON),
        (({"a": 1}, None, {"X-A": "1"}), 200, '{"a":1}', JSON),
        (lambda: flask.Response("x", 201), 201, "x", "text/html"),
        (lambda: (flask.Response("x"), 202), 202, "x", "text/html"),
        (lambda: (flask.Response("x"), {"X-A": "1"}), 200, "x", "text/html"),
        (lambda: Response("x", 203, mimetype="text/plain"), 203, "x", "text/plain"),
        (lambda: flask.redirect("/elsewhere", 303), 303, None, "text/html"),
        (ConnexionResponse(201, JSON, body={"a": 1}), 201, '{"a":1}', JSON),
        ((ConnexionResponse(201, JSON, body={"a": 1}), 202), 202, '{"a":1}', JSON),
        (ConnexionResponse(200, "text/plain", body="x"), 200, "x", "text/plain"),
        (b'{"a": 1}', 200, '{"a": 1}', JSON),
        ("x", 200, '"x"', JSON),
        (5, 200, "5", JSON),
        (0, 200, "0", JSON),
        ([], 200, "[]", JSON),
        ({1: 2, Color.RED: Color.RED}, 200, '{"1":2,"red":"red"}', JSON),
        ({2**64: 2**64}, 200, f'{{"{2**64}":{2**64}}}', JSON),
        (Decimal("1.10"), 200, "1.10", JSON),
        (Pair(1, 2), 200, "[1,2]", JSON),
        ({"a": Pair(1, 2**64)}, 200, f'{{"a":[1,{2**64}]}}', JSON),
    ],
)
def test_what_connexion_takes_is_taken(
    serve: Callable[..., Flask], result: Any, status: int, text: str | None, media_type: str | None
) -> None:
    response = ask(serve, result)
    assert (response.status_code, response.mimetype or None) == (status, media_type)
    assert text is None or response.text == text
    if isinstance(result, tuple) and {"X-A": "1"} in result:
        assert response.headers["X-A"] == "1"


def test_another_tuple_is_a_500(
    serve: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    assert ask(serve, ({}, 200, {}, 5)).status_code == 500
    assert "a handler returns body, (body, status)" in caplog.text


def test_a_problem_is_as_the_handler_says(serve: Callable[..., Flask]) -> None:
    members = {
        "ext": {"limit": 5},
        "headers": {"Retry-After": "7"},
        "type": "https://a.example/full",
    }
    raised = ProblemException(status=503, title="Full", detail="No room", **members)

    def fail() -> None:
        raise raised

    returned = connexion.problem(503, "Full", "No room", **members)
    for result in (fail, returned):
        response = ask(serve, result)
        assert (response.status_code, response.mimetype) == (503, PROBLEM)
        assert response.headers["Retry-After"] == "7"
        document = response.get_json()
        expected = {
            "type": "https://a.example/full",
            "title": "Full",
            "detail": "No room",
            "limit": 5,
        }
        assert expected.items() <= document.items()
    raised.headers = None
    document = ask(serve, fail).get_json()
    assert document["trace"]
    assert document["instance"] == "/v1/things"


def text(declared: str) -> dict[str, Any]:
    return {declared: {"schema": {"type": "string"}}}


@pytest.mark.parametrize(
    ("declared", "result", "written", "media_type"),
    [
        ("*/*", {"a": 1}, '{"a":1}', "application/json"),
        ("*/*", "x", "x", "text/plain; charset=utf-8"),
        ("*/*", b"x", "x", "application/octet-stream"),
        ("application/*", {"a": 1}, '{"a":1}', "application/json"),
        ("application/json; charset=utf-8", {"a": 1}, '{"a":1}', "application/json; charset=utf-8"),
        ("application/vnd.a+json", {"a": 1}, '{"a":1}', "application/vnd.a+json"),
        ("text/*", "x", "x", "text/plain; charset=utf-8"),
        ("text/*", {"a": 1}, '{"a":1}', "application/json"),
        ("text/plain", "x", "x", "text/plain; charset=utf-8"),
        ("text/plain", 5, "5", "text/plain; charset=utf-8"),
        ("text/plain", {"a": 1}, '{"a":1}', "text/plain; charset=utf-8"),
        ("text/csv; header=present", "a,b", "a,b", "text/csv; header=present"),
        ("image/png", b"x", "x", "image/png"),
        ("image/*", b"x", "x", "application/octet-stream"),
        ("image/*", (b"x", 200, {"Content-Type": "image/gif"}), "x", "image/gif"),
        ("application/json", ("x", 200, {"Content-Type": "text/plain"}), "x", "text/plain"),
    ],
)
def test_the_media_type_is_the_declared_one(
    serve: Callable[..., Flask], declared: str, result: Any, written: str, media_type: str
) -> None:
    response = ask(serve, result, {declared: {}})
    assert (response.status_code, response.text) == (200, written)
    assert response.content_type == media_type


def test_each_status_has_its_own_media_type(serve: Callable[..., Flask]) -> None:
    problem = {PROBLEM: {"schema": {"type": "object"}}}
    for result, media_type in (
        ({"a": 1}, JSON),
        (({"a": 1}, 404), PROBLEM),
        (({"a": 1}, 418), JSON),
    ):
        assert ask(serve, result, None, _404=problem).mimetype == media_type
    assert ask(serve, ({"a": 1}, 404), None, _4XX=problem).mimetype == PROBLEM
    assert ask(serve, ({"a": 1}, 404), None, _default=problem).mimetype == PROBLEM
    csv = {"text/csv": {}, **ANY}
    assert ask(serve, "a,b", csv).text == '"a,b"'
    assert ask(serve, b"a,b", csv).mimetype == "text/csv"
    assert ask(serve, ("a,b", {"Content-Type": "text/csv"}), csv).text == "a,b"


def test_a_generator_is_streamed(serve: Callable[..., Flask]) -> None:
    def rows() -> Iterator[str]:
        yield "a\n"
        yield "b\n"

    streamed: list[dict[str, Any]] = [{"text/csv": {}}, ANY, {"*/*": {}}]
    for content in streamed:
        response = ask(serve, lambda: rows(), content)
        assert (response.status_code, response.text) == (200, "a\nb\n")
    assert ask(serve, lambda: rows(), {**ANY, "text/csv": {}}).mimetype == "text/csv"
    listed = {JSON: {"schema": {"type": "array", "items": {"type": "string"}}}}
    assert ask(serve, lambda: rows(), listed).get_json() == ["a\n", "b\n"]
