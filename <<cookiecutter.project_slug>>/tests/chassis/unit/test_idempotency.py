"""Idempotency keys: which requests are the same, which answers are kept, and what is taken back."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import ModuleType
from typing import Any

import flask
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import Unauthorized
from werkzeug.test import TestResponse

from chassis.contract import Answer, ContractError, Entry, Lease, idempotency
from chassis.resources import ConflictError

SCHEMA = {"type": "object"}
KEY = {"Idempotency-Key": "first"}
HEADERS = [("Location", "/v1/things/1"), ("ETag", '"1"'), ("X-Other", "a"), ("X-Other", "b")]


class FakeKeys:
    """Keeps keys in a dictionary; what a unit of work has changed is in `stored` or, after an error, is not."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.stored: list[int] = []
        self.changes: list[int] = []
        self.is_valid = True
        self.fails_at_the_end = False

    def unit_of_work(self) -> AbstractContextManager[None]:
        return self._unit_of_work()

    @contextmanager
    def _unit_of_work(self) -> Iterator[None]:
        before = dict(self.entries)
        self.changes = []
        try:
            yield
            if self.fails_at_the_end:
                raise ZeroDivisionError
        except BaseException:
            self.entries = before
            raise
        self.stored += self.changes

    def take(self, key: str, fingerprint: str) -> Lease | Entry:
        if key in self.entries:
            return self.entries[key]
        self.entries[key] = Entry(fingerprint, None)
        return Lease(key, "token")

    def keep(self, lease: Lease, answer: Answer) -> bool:
        entry = self.entries[lease.key]
        self.entries[lease.key] = entry._replace(answer=answer)
        return self.is_valid

    def release(self, lease: Lease) -> None:
        if self.entries[lease.key].answer is None:
            del self.entries[lease.key]


def operation(name: str, **parts: Any) -> dict[str, Any]:
    """Describes an operation that takes any body and declares the header."""
    header = {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
    return {
        "operationId": f"handlers.{name}",
        "parameters": [header],
        "requestBody": {"content": {"application/json": {"schema": SCHEMA}}},
        "responses": {"default": {"description": "Any"}},
        **parts,
    }


@pytest.fixture
def keys() -> FakeKeys:
    return FakeKeys()


class Handler:
    """Counts its calls, and returns or raises what a test says."""

    def __init__(self, keys: FakeKeys) -> None:
        self._keys = keys
        self.calls = 0
        self.result: Any = None

    def __call__(self, body: Any = None) -> Any:
        self.calls += 1
        self._keys.changes.append(self.calls)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result or ({"number": self.calls}, 201, HEADERS)


@pytest.fixture
def handler(keys: FakeKeys) -> Handler:
    return Handler(keys)


@pytest.fixture
def client(serve: Callable[..., Flask], keys: FakeKeys, handler: Handler) -> FlaskClient:
    paths = {"/things": {"post": operation("create")}}
    return serve(paths, create=handler, keys=keys, validate_responses=False).test_client()


def shown(response: TestResponse) -> tuple[int, list[tuple[str, str]], bytes]:
    """Returns what a repeated answer has to have, too."""
    headers = [pair for pair in response.headers if pair[0] != "Idempotent-Replayed"]
    return response.status_code, sorted(headers), response.data


def post(client: FlaskClient, path: str = "/v1/things", **options: Any) -> TestResponse:
    return client.post(path, **{"json": {"a": 1}, "headers": KEY, **options})


def test_a_repeated_request_gets_the_first_answer(
    client: FlaskClient, handler: Handler, keys: FakeKeys
) -> None:
    first = post(client)
    assert (first.status_code, first.get_json()) == (201, {"number": 1})
    assert "Idempotent-Replayed" not in first.headers
    assert first.headers.getlist("X-Other") == ["a", "b"]
    for _ in range(2):
        repeated = post(client)
        assert shown(repeated) == shown(first)
        assert repeated.headers["Idempotent-Replayed"] == "true"
    assert (handler.calls, keys.stored) == (1, [1])


def test_other_keys_and_none_are_other_requests(client: FlaskClient, handler: Handler) -> None:
    numbers = [
        post(client, headers=headers).get_json()["number"]
        for headers in (KEY, {"Idempotency-Key": "First"}, {"Idempotency-Key": '"first"'}, {}, {})
    ]
    assert numbers == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "other",
    [
        {"json": {"a": 2}},
        {"json": {}},
        {"data": '{"a":  1}', "content_type": "application/json", "json": None},
        {"json": None},
    ],
)
def test_another_body_under_the_same_key_is_a_422(
    client: FlaskClient, handler: Handler, other: dict[str, Any]
) -> None:
    first = post(client)
    refused = post(client, **other)
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert refused.get_json()["detail"] == idempotency.OTHER_KEY
    assert shown(post(client)) == shown(first)
    assert handler.calls == 1


def test_another_path_or_query_is_another_request_but_another_operation_has_its_own_keys(
    serve: Callable[..., Flask], keys: FakeKeys, handler: Handler
) -> None:
    number = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
    fast = {"name": "fast", "in": "query", "schema": {"type": "boolean"}}
    described = operation("pay")
    described["parameters"] += [number, fast]

    def pay(number: int, fast: bool = False) -> Any:
        return handler()

    paths = {
        "/things/{number}/pay": {"post": described},
        "/things": {"post": operation("create"), "patch": operation("change")},
    }
    handlers = {"create": handler, "change": handler, "pay": pay}
    client = serve(paths, keys=keys, validate_responses=False, **handlers).test_client()
    assert post(client, "/v1/things/1/pay").get_json() == {"number": 1}
    assert post(client, "/v1/things/2/pay").status_code == 422
    assert post(client, "/v1/things/1/pay?fast=true").status_code == 422
    assert post(client).get_json() == {"number": 2}
    assert client.patch("/v1/things", json={"a": 1}, headers=KEY).get_json() == {"number": 3}
    assert post(client, "/v1/things/1/pay").get_json() == {"number": 1}


def test_a_request_that_is_still_running_is_a_409(client: FlaskClient, keys: FakeKeys) -> None:
    post(client)
    ((key, entry),) = keys.entries.items()
    keys.entries[key] = entry._replace(answer=None)
    running = post(client)
    assert (running.status_code, running.mimetype) == (409, "application/problem+json")
    assert running.get_json()["detail"] == idempotency.RUNNING
    assert running.headers["Retry-After"] == "1"
    assert post(client, json={}).status_code == 422


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (ConflictError("The name is taken."), 409),
        (({"reason": "no"}, 400), 400),
        (({"reason": "no"}, 403, HEADERS), 403),
        (flask.Response("gone", 410), 410),
    ],
)
def test_a_refusal_of_the_handler_is_kept_and_takes_back_what_was_changed(
    client: FlaskClient, handler: Handler, keys: FakeKeys, result: Any, status: int
) -> None:
    handler.result = result
    first = post(client)
    assert first.status_code == status
    handler.result = None
    assert shown(post(client)) == shown(first)
    assert (handler.calls, keys.stored) == (1, [])


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (ZeroDivisionError(), 500),
        (({"reason": "later"}, 503, {"Retry-After": "2"}), 503),
        (({"reason": "later"}, 429), 429),
        (Unauthorized("Who is it?"), 401),
    ],
)
def test_an_answer_that_asks_to_repeat_the_request_is_not_kept(
    client: FlaskClient, handler: Handler, keys: FakeKeys, result: Any, status: int
) -> None:
    handler.result = result
    assert post(client).status_code == status
    assert (keys.entries, keys.stored) == ({}, [])
    handler.result = None
    assert post(client).get_json() == {"number": 2}
    assert keys.stored == [2]


def test_a_request_that_breaks_the_contract_takes_no_key(
    serve: Callable[..., Flask], keys: FakeKeys, handler: Handler
) -> None:
    described = operation("create")
    described["requestBody"]["content"]["application/json"]["schema"] = {"type": "array"}
    client = serve({"/things": {"post": described}}, create=handler, keys=keys).test_client()
    assert post(client).status_code == 400
    assert post(client, json=None, data="x").status_code == 415
    assert keys.entries == {}
    assert post(client, json=[1]).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "x" * 5000])
def test_a_key_of_another_length_is_a_400(
    client: FlaskClient, handler: Handler, keys: FakeKeys, key: str
) -> None:
    refused = post(client, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    (error,) = refused.get_json()["errors"]
    assert (error["location"], error["pointer"]) == ("header", "#/Idempotency-Key")
    assert error["detail"] == "has to have 1 to 255 characters"
    assert (handler.calls, keys.entries) == (0, {})


@pytest.mark.parametrize("key", ["x" * 255, "ü", '"a, b"', "\x7f"])
def test_any_other_key_is_taken(client: FlaskClient, handler: Handler, key: str) -> None:
    for _ in range(2):
        assert post(client, headers={"Idempotency-Key": key}).get_json() == {"number": 1}


def test_a_required_key_that_is_missing_is_a_400(
    serve: Callable[..., Flask], keys: FakeKeys, handler: Handler
) -> None:
    described = operation("create")
    described["parameters"][0]["required"] = True
    client = serve({"/things": {"post": described}}, create=handler, keys=keys).test_client()
    assert post(client, headers={}).get_json()["errors"] == [
        {"location": "header", "pointer": "#/Idempotency-Key", "detail": "is required"}
    ]
    assert post(client).status_code == 201


def test_the_header_does_nothing_where_it_is_not_declared_or_not_needed(
    serve: Callable[..., Flask], keys: FakeKeys, handler: Handler
) -> None:
    without = operation("create", parameters=[])
    paths = {"/things": {"post": without, "put": operation("replace")}}
    client = serve(
        paths, create=handler, replace=handler, keys=keys, validate_responses=False
    ).test_client()
    assert [post(client).get_json()["number"] for _ in range(2)] == [1, 2]
    numbers = [client.put("/v1/things", json={}, headers=KEY).get_json() for _ in range(2)]
    assert numbers == [{"number": 3}, {"number": 4}]
    assert keys.entries == {}


def test_a_contract_with_keys_is_refused_where_nothing_keeps_them(
    serve: Callable[..., Flask], handler: Handler
) -> None:
    with pytest.raises(ContractError, match=r"POST /things: .* keeps no Idempotency-Key"):
        serve({"/things": {"post": operation("create")}}, create=handler)


def test_an_answer_without_a_body_is_repeated_without_one(
    client: FlaskClient, handler: Handler
) -> None:
    handler.result = flask.Response(status=204, headers={"X-Other": "a"})
    first, repeated = post(client), post(client)
    assert first.status_code == 204
    assert shown(repeated) == shown(first)
    assert handler.calls == 1


def test_an_answer_that_is_streamed_is_repeated_whole(
    client: FlaskClient, handler: Handler
) -> None:
    handler.result = flask.Response(iter([b"a", b"b"]), 200, content_type="text/csv")
    first, repeated = post(client), post(client)
    assert first.data == repeated.data == b"ab"
    assert repeated.content_type == "text/csv"
    assert handler.calls == 1


def test_a_cookie_is_not_kept(client: FlaskClient, handler: Handler, keys: FakeKeys) -> None:
    handler.result = ({}, 200, {"Set-Cookie": "session=secret"})
    assert "Set-Cookie" in post(client).headers
    assert "Set-Cookie" not in post(client).headers
    assert "secret" not in str(keys.entries)


def test_an_answer_that_is_too_large_to_keep_is_not_given(
    client: FlaskClient, handler: Handler, keys: FakeKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MAX_BODY_BYTES", 10)
    handler.result = "x" * 11
    assert post(client).status_code == 500
    assert (keys.entries, keys.stored) == ({}, [])
    handler.result = None
    assert post(client, headers={}).status_code == 201


def test_a_request_whose_lease_is_over_changes_nothing(
    client: FlaskClient, handler: Handler, keys: FakeKeys
) -> None:
    keys.is_valid = False
    late = post(client)
    assert (late.status_code, late.get_json()["detail"]) == (409, idempotency.TAKEN_OVER)
    assert keys.stored == []


def test_a_change_that_cannot_be_stored_has_no_answer(
    client: FlaskClient, handler: Handler, keys: FakeKeys
) -> None:
    keys.fails_at_the_end = True
    assert post(client).status_code == 500
    assert (keys.entries, keys.stored) == ({}, [])
    keys.fails_at_the_end = False
    assert post(client).get_json() == {"number": 2}


def test_each_caller_has_keys_of_its_own(
    serve: Callable[..., Flask], keys: FakeKeys, handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("callers")
    # A token is its own claims.
    vars(module)["info"] = lambda token: json.loads(token)
    monkeypatch.setitem(sys.modules, "callers", module)
    scheme = {"type": "http", "scheme": "bearer", "x-bearerInfoFunc": "callers.info"}
    client = serve(
        {"/things": {"post": operation("create", security=[{"token": []}])}},
        create=handler,
        keys=keys,
        validate_responses=False,
        components={"securitySchemes": {"token": scheme}},
    ).test_client()

    def number(**claims: Any) -> int:
        headers = {**KEY, "Authorization": f"Bearer {json.dumps(claims)}"}
        found: int = post(client, headers=headers).get_json()["number"]
        return found

    assert number(sub="ann", exp=1) == number(sub="ann", exp=2) == 1
    assert number(sub="bob", exp=1) == number(uid="bob", exp=2) == 2
    assert number(client="x", scope="a") == number(scope="a", client="x") == 3
    assert number(client="y", scope="a") == 4
