"""The operations on << cookiecutter.__resource_plural_label >>, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.contract import example_body, read_contract

from << cookiecutter.package_name >>.app import CONTRACT

PATH = "/v1/<< cookiecutter.__resource_path >>"
BODY: dict[str, Any] = example_body(read_contract(CONTRACT), "create_<< cookiecutter.resource >>")


def create(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    response = client.post(PATH, json={**BODY, **fields})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.get_json()
    return created


def names(client: FlaskClient, query: str = "") -> list[str]:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.get_json()["items"]]


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def test_what_is_created_is_found_at_its_location(client: FlaskClient) -> None:
    response = client.post(PATH, json=BODY)
    assert response.status_code == 201
    created = response.get_json()
    assert response.location == f"{PATH}/{created['id']}"
    assert client.get(response.location).get_json() == created
    assert {name: created[name] for name in BODY} == BODY
    assert created["created_at"] == created["updated_at"]
    assert created["created_at"].endswith("Z")


def test_fields_left_out_get_their_defaults(client: FlaskClient) -> None:
    body = without(BODY, "description", "priority")
    created = client.post(PATH, json=body).get_json()
    assert (created["description"], created["priority"]) == (None, 0)
    old = create(client, name="Second")
    new = client.put(f"{PATH}/{old['id']}", json=body | {"name": "Third"}).get_json()
    assert new == client.get(f"{PATH}/{old['id']}").get_json()
    assert (new["name"], new["description"], new["priority"]) == ("Third", None, 0)
    assert (new["id"], new["created_at"]) == (old["id"], old["created_at"])
    assert new["updated_at"] > old["updated_at"]


def test_fields_can_be_updated(client: FlaskClient) -> None:
    old = create(client)
    response = client.patch(f"{PATH}/{old['id']}", json={"description": None})
    assert response.status_code == 200
    new = response.get_json()
    assert new == client.get(f"{PATH}/{old['id']}").get_json()
    assert new == {**old, "description": None, "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]
    assert client.patch(f"{PATH}/{old['id']}", json={}).status_code == 400


def test_concurrent_changes_of_different_fields_are_both_kept(app: Flask) -> None:
    path = f"{PATH}/{create(app.test_client())['id']}"
    for number in range(1, 10):
        changes = [{"priority": number}, {"description": str(number)}]
        with ThreadPoolExecutor() as threads:
            statuses = threads.map(lambda body: patch(app, path, body), changes)
            assert list(statuses) == [200, 200]
        found = app.test_client().get(path).get_json()
        assert (found["priority"], found["description"]) == (number, str(number))


def patch(app: Flask, path: str, body: dict[str, Any]) -> int:
    return app.test_client().patch(path, json=body).status_code


def test_what_is_deleted_is_gone(client: FlaskClient) -> None:
    path = f"{PATH}/{create(client)['id']}"
    response = client.delete(path)
    assert (response.status_code, response.data) == (204, b"")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_does_not_exist_is_a_404_problem(client: FlaskClient, method: str) -> None:
    body = BODY if method in ("PUT", "PATCH") else None
    response = client.open(f"{PATH}/{uuid4()}", method=method, json=body)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert client.open(f"{PATH}/1", method=method, json=body).status_code == 400


def test_a_name_is_taken_once(client: FlaskClient) -> None:
    first, second = create(client, name="First"), create(client, name="Second")
    for response in (
        client.post(PATH, json=BODY | {"name": "First"}),
        client.put(f"{PATH}/{second['id']}", json=BODY | {"name": "First"}),
        client.patch(f"{PATH}/{second['id']}", json={"name": "First"}),
    ):
        assert (response.status_code, response.mimetype) == (409, "application/problem+json")
        assert response.get_json()["detail"] == "The name 'First' is taken."
    assert names(client) == ["First", "Second"]
    assert client.put(f"{PATH}/{first['id']}", json=BODY | {"name": "First"}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "nul \0"),
        ("name", 5),
        ("category", ""),
        ("category", "x" * 41),
        ("description", "x" * 501),
        ("priority", 10),
        ("priority", -1),
        ("priority", "5"),
        ("id", str(uuid4())),
        ("version", 7),
    ],
)
def test_a_field_out_of_bounds_is_refused(client: FlaskClient, name: str, value: object) -> None:
    response = client.post(PATH, json={**BODY, name: value})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.get_json()["errors"]] == [f"#/{name}"]
    assert names(client) == []


def test_the_largest_fields_are_kept(client: FlaskClient) -> None:
    fields = {"name": "ü" * 80, "category": "☃" * 40, "description": "𝄞" * 500, "priority": 9}
    created = create(client, **fields)
    assert {key: created[key] for key in fields} == fields


def test_a_list_is_sorted_filtered_and_paged(client: FlaskClient) -> None:
    for name, category in (("c", "common"), ("a", "rare"), ("b", "rare")):
        create(client, name=name, category=category)
    assert names(client) == ["c", "a", "b"]
    assert names(client, "sort=-name") == ["c", "b", "a"]
    assert names(client, "sort=name&category=rare") == ["a", "b"]
    page = client.get(f"{PATH}?sort=name&limit=2").get_json()
    assert names(client, f"sort=name&limit=2&cursor={page['next_cursor']}") == ["c"]
    assert client.get(f"{PATH}?sort=-name&cursor={page['next_cursor']}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=1e2", "sort=id", "cursor=", "cursor=%3D", "page=2"],
)
def test_a_wrong_query_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert [error["location"] for error in response.get_json()["errors"]] == ["query"]
