"""Conditional requests: what the contract declares of If-Match, If-None-Match and ETag is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.resources import StaleVersionError, Version

SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}}


@dataclass
class Thing:
    name: str = "First"
    version: int = 3


def operation(
    name: str, header: str | None = None, *, required: bool = False, tag: bool = True
) -> dict[str, Any]:
    """Describes an operation that declares a header of its requests, and the ETag of its answers."""
    described: dict[str, Any] = {
        "operationId": f"handlers.{name}",
        "responses": {
            "200": {
                "description": "A thing",
                "headers": {"ETag": {"schema": {"type": "string"}}} if tag else {},
                "content": {"application/json": {"schema": SCHEMA}},
            },
            "304": {"description": "Known"},
            "412": {"description": "Stale"},
            "428": {"description": "Not conditional"},
        },
    }
    if header:
        schema = {"type": "string"}
        parameter = {"name": header, "in": "header", "required": required, "schema": schema}
        described["parameters"] = [parameter]
    return described


def get(serve: Callable[..., Flask], result: Any = None, **options: Any) -> FlaskClient:
    """Serves an operation that declares If-None-Match."""
    described = operation("get_thing", "If-None-Match", **options)
    thing = Thing() if result is None else result
    return serve({"/thing": {"get": described}}, get_thing=lambda: thing).test_client()


class Changes:
    """Remembers which version a change was based on; the stored one is 3."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def __call__(self, if_match: Version = None) -> Thing:
        self.versions.append(if_match)
        if isinstance(if_match, frozenset) and 3 not in if_match:
            raise StaleVersionError("The version is 3 now.")
        return Thing(version=4)


@pytest.fixture
def changes() -> Changes:
    return Changes()


@pytest.fixture
def change(serve: Callable[..., Flask], changes: Changes) -> FlaskClient:
    described = operation("change_thing", "If-Match")
    return serve({"/thing": {"delete": described}}, change_thing=changes).test_client()


def test_the_version_is_the_tag_where_the_contract_declares_it(
    serve: Callable[..., Flask],
) -> None:
    assert get(serve).get("/v1/thing").headers["ETag"] == '"3"'
    assert "ETag" not in get(serve, tag=False).get("/v1/thing").headers
    assert "ETag" not in get(serve, {"name": "First"}).get("/v1/thing").headers
    own = (Thing(), 200, {"ETag": '"own"'})
    assert get(serve, own).get("/v1/thing").headers.getlist("ETag") == ['"own"']


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ('"3"', 304),
        ('W/"3"', 304),
        ("*", 304),
        ('"1", W/"3" ,"x,y"', 304),
        (', ,"3",', 304),
        ('"4"', 200),
        ('"1","33"', 200),
        ('""', 200),
        ("", 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_knows_is_not_sent_again(
    serve: Callable[..., Flask], method: str, header: str, status: int
) -> None:
    response = get(serve).open("/v1/thing", method=method, headers={"If-None-Match": header})
    assert (response.status_code, response.headers["ETag"]) == (status, '"3"')
    if status == 304:
        assert response.data == b""
        assert not {"Content-Type", "Content-Length"} & {*response.headers.keys()}


@pytest.mark.parametrize(
    ("result", "status"),
    [(({"name": "First"}, 412, {"ETag": '"3"'}), 412), ({"name": "First"}, 200), (None, 304)],
)
def test_only_an_answer_of_success_with_a_tag_is_left_out(
    serve: Callable[..., Flask], result: Any, status: int
) -> None:
    response = get(serve, result).get("/v1/thing", headers={"If-None-Match": "*"})
    assert response.status_code == status


def test_a_header_that_is_not_declared_does_nothing(serve: Callable[..., Flask]) -> None:
    described = operation("get_thing")
    client = serve({"/thing": {"get": described}}, get_thing=Thing).test_client()
    for header in ("If-None-Match", "If-Match"):
        for value in ('"3"', '"1"', "3"):
            assert client.get("/v1/thing", headers={header: value}).status_code == 200


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ('"3"', {3}),
        ('"1", "3"', {1, 3}),
        (', "3" ,,W/"4"', {3}),
        ("*", None),
        ('"x,3", "3", "03", "-3", "\xe4"', {3}),
    ],
)
def test_a_change_gets_the_versions_that_it_is_based_on(
    change: FlaskClient, changes: Changes, header: str, version: Version
) -> None:
    response = change.delete("/v1/thing", headers={"If-Match": header})
    assert (response.status_code, response.headers["ETag"]) == (200, '"4"')
    assert changes.versions == [version]


def test_a_change_without_a_condition_is_based_on_any_version(
    change: FlaskClient, changes: Changes
) -> None:
    assert change.delete("/v1/thing").status_code == 200
    assert changes.versions == [None]


@pytest.mark.parametrize(
    "header",
    ['"2"', 'W/"3"', '"1", W/"3"', '""', '"x"', '"0"', '"9999999999999999999"', "", " , ,"],
)
def test_a_condition_that_is_false_is_a_412(change: FlaskClient, header: str) -> None:
    response = change.delete("/v1/thing", headers={"If-Match": header})
    assert (response.status_code, response.mimetype) == (412, "application/problem+json")
    document = response.get_json()
    assert document["title"] == "Precondition Failed"
    assert document["detail"] == "The version is 3 now."


def test_a_rule_that_finds_a_stale_version_by_itself_is_a_409(
    serve: Callable[..., Flask],
) -> None:
    def fail(**arguments: Any) -> None:
        raise StaleVersionError("Too late.")

    paths = {
        "/with": {"put": operation("fail", "If-Match")},
        "/without": {"put": {**operation("fail"), "operationId": "handlers.fail_too"}},
    }
    client = serve(paths, fail=fail, fail_too=fail).test_client()
    assert client.put("/v1/with").status_code == 409
    assert client.put("/v1/with", headers={"If-Match": "*"}).status_code == 412
    assert client.put("/v1/without", headers={"If-Match": "*"}).status_code == 409


@pytest.mark.parametrize(
    "header", ["3", "'3'", '"3', '3"', 'w/"3"', '"3" "4"', '*, "3"', '"a b"', ", x", '"3"; x']
)
def test_a_malformed_header_is_a_400(
    serve: Callable[..., Flask], change: FlaskClient, changes: Changes, header: str
) -> None:
    response = change.delete("/v1/thing", headers={"If-Match": header})
    assert response.status_code == 400
    assert response.get_json()["errors"] == [
        {"location": "header", "pointer": "#/If-Match", "detail": "is neither * nor entity tags"}
    ]
    assert changes.versions == []
    assert get(serve).get("/v1/thing", headers={"If-None-Match": header}).status_code == 400


def test_a_long_header_is_read_in_no_time(change: FlaskClient) -> None:
    for header in (", " * 20_000 + "x", '"a", ' * 20_000 + "x", '"a"' + " " * 50_000 + "x"):
        assert change.delete("/v1/thing", headers={"If-Match": header}).status_code == 400


def test_a_required_condition_that_is_missing_is_a_428(
    serve: Callable[..., Flask], changes: Changes
) -> None:
    described = operation("change_thing", "if-match", required=True)
    described["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": SCHEMA}},
    }
    client = serve({"/thing": {"put": described}}, change_thing=changes).test_client()
    response = client.put("/v1/thing")
    assert (response.status_code, response.mimetype) == (428, "application/problem+json")
    document = response.get_json()
    assert document["title"] == "Precondition Required"
    assert "if-match is required" in document["detail"]
    assert client.put("/v1/thing", json=5, headers={"If-Match": "*"}).status_code == 400
    assert changes.versions == []
    assert client.put("/v1/thing", json={}, headers={"If-Match": '"3"'}).status_code == 200


def test_the_schema_of_the_header_holds_too(serve: Callable[..., Flask], changes: Changes) -> None:
    described = operation("change_thing", "If-Match")
    described["parameters"][0]["schema"]["maxLength"] = 4
    client = serve({"/thing": {"delete": described}}, change_thing=changes).test_client()
    assert client.delete("/v1/thing", headers={"If-Match": '"1", "3"'}).status_code == 400
    assert client.delete("/v1/thing", headers={"If-Match": '"3"'}).status_code == 200
