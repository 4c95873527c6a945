"""The operations of the contract, over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

PATH = "/v1/<< cookiecutter.__resource_path >>"
FIELDS = {"name": "First", "category": "common"}


def create(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    response = client.post(PATH, json={**FIELDS, **fields})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.get_json()
    return created


def names(client: FlaskClient, query: str = "") -> list[str]:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.text
    return [item["name"] for item in response.get_json()["items"]]


def test_one_that_is_created_is_found_at_its_location(client: FlaskClient) -> None:
    response = client.post(PATH, json={**FIELDS, "description": "Long", "priority": 3})
    assert response.status_code == 201
    created = response.get_json()
    assert response.location == f"{PATH}/{created['id']}"
    assert created["created_at"] == created["updated_at"]
    assert created["created_at"].endswith("Z")
    assert client.get(response.location).get_json() == created
    fields = {key: created[key] for key in ("name", "category", "description", "priority")}
    assert fields == {**FIELDS, "description": "Long", "priority": 3}


def test_fields_left_out_get_their_defaults(client: FlaskClient) -> None:
    created = create(client)
    assert (created["description"], created["priority"]) == (None, 0)


def test_one_can_be_replaced(client: FlaskClient) -> None:
    old = create(client, description="Long", priority=3)
    response = client.put(f"{PATH}/{old['id']}", json={"name": "Second", "category": "rare"})
    assert response.status_code == 200
    new = response.get_json()
    assert new == client.get(f"{PATH}/{old['id']}").get_json()
    assert (new["name"], new["category"]) == ("Second", "rare")
    assert (new["description"], new["priority"]) == (None, 0)
    assert (new["id"], new["created_at"]) == (old["id"], old["created_at"])
    assert new["updated_at"] > old["updated_at"]


def test_one_can_be_changed_in_part(client: FlaskClient) -> None:
    old = create(client, description="Long", priority=3)
    response = client.patch(f"{PATH}/{old['id']}", json={"description": None})
    assert response.status_code == 200
    new = response.get_json()
    assert new == client.get(f"{PATH}/{old['id']}").get_json()
    assert new == {**old, "description": None, "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]


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


def test_one_can_be_deleted(client: FlaskClient) -> None:
    path = f"{PATH}/{create(client)['id']}"
    response = client.delete(path)
    assert (response.status_code, response.data) == (204, b"")
    assert "Content-Type" not in response.headers
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_does_not_exist_is_a_404_problem(client: FlaskClient, method: str) -> None:
    body = FIELDS if method in ("PUT", "PATCH") else None
    response = client.open(f"{PATH}/{uuid4()}", method=method, json=body)
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_a_name_is_taken_once(client: FlaskClient) -> None:
    create(client)
    other = create(client, name="Second")
    for response in (
        client.post(PATH, json=FIELDS),
        client.put(f"{PATH}/{other['id']}", json=FIELDS),
        client.patch(f"{PATH}/{other['id']}", json={"name": "First"}),
    ):
        assert (response.status_code, response.mimetype) == (409, "application/problem+json")
        assert response.get_json()["detail"] == "The name 'First' is taken."
    assert names(client) == ["First", "Second"]


def test_one_may_keep_its_name(client: FlaskClient) -> None:
    created = create(client)
    assert client.put(f"{PATH}/{created['id']}", json=FIELDS).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"name": "x" * 81}, "#/name"),
        ({"name": "nul \0"}, "#/name"),
        ({"name": 5}, "#/name"),
        ({"category": ""}, "#/category"),
        ({"category": "x" * 41}, "#/category"),
        ({"description": "x" * 501}, "#/description"),
        ({"priority": 10}, "#/priority"),
        ({"priority": -1}, "#/priority"),
        ({"priority": "5"}, "#/priority"),
        ({"id": str(uuid4())}, "#/id"),
    ],
)
def test_a_field_out_of_bounds_is_refused(
    client: FlaskClient, fields: dict[str, Any], pointer: str
) -> None:
    response = client.post(PATH, json={**FIELDS, **fields})
    assert response.status_code == 400
    assert [error["pointer"] for error in response.get_json()["errors"]] == [pointer]
    assert names(client) == []


def test_the_largest_fields_are_kept(client: FlaskClient) -> None:
    fields = {"name": "ü" * 80, "category": "☃" * 40, "description": "𝄞" * 500, "priority": 9}
    created = create(client, **fields)
    assert {key: created[key] for key in fields} == fields


def test_an_empty_change_is_refused(client: FlaskClient) -> None:
    created = create(client)
    assert client.patch(f"{PATH}/{created['id']}", json={}).status_code == 400


@pytest.mark.parametrize("identifier", ["1", "x" * 36, "0" * 32])
def test_an_id_that_is_none_is_refused(client: FlaskClient, identifier: str) -> None:
    response = client.get(f"{PATH}/{identifier}")
    assert response.status_code == 400
    assert response.get_json()["errors"][0]["location"] == "path"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["a", "b", "c", "d"]),
        ("-name", ["d", "c", "b", "a"]),
        ("created_at", ["c", "a", "d", "b"]),
        ("-created_at", ["b", "d", "a", "c"]),
    ],
)
def test_a_list_is_sorted(client: FlaskClient, sort: str, expected: list[str]) -> None:
    for name in ("c", "a", "d", "b"):
        create(client, name=name)
    assert names(client, f"sort={sort}") == expected


def test_a_list_is_sorted_by_time_unless_asked_otherwise(client: FlaskClient) -> None:
    for name in ("c", "a", "b"):
        create(client, name=name)
    assert names(client) == ["c", "a", "b"]


def test_a_list_is_filtered(client: FlaskClient) -> None:
    create(client, name="a", category="common")
    create(client, name="b", category="rare")
    assert names(client, "category=rare") == ["b"]
    assert names(client, "category=unheard-of") == []


@pytest.mark.parametrize("sort", ["name", "-name", "priority", "-priority", "-created_at"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_show_each_item_once_and_in_order(client: FlaskClient, sort: str, limit: int) -> None:
    for number in range(7):
        create(client, name=f"n{number}", priority=number // 3)
    expected = names(client, f"sort={sort}&limit=100")
    pages: list[list[str]] = []
    cursor = ""
    while True:
        page = client.get(f"{PATH}?sort={sort}&limit={limit}{cursor}").get_json()
        pages.append([item["name"] for item in page["items"]])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [name for page in pages for name in page] == expected
    assert {len(page) for page in pages[:-1]} <= {limit}
    assert len(pages) == -(-7 // limit)


def test_a_page_goes_on_where_a_deleted_item_was(client: FlaskClient) -> None:
    created = [create(client, name=name) for name in "abc"]
    page = client.get(f"{PATH}?sort=name&limit=2").get_json()
    client.delete(f"{PATH}/{created[1]['id']}")
    assert names(client, f"sort=name&cursor={page['next_cursor']}") == ["c"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=1e2", "sort=id", "cursor=", "cursor=%3D", "page=2"],
)
def test_a_wrong_query_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert [error["location"] for error in response.get_json()["errors"]] == ["query"]


def test_a_cursor_of_another_list_finds_no_page(client: FlaskClient) -> None:
    for name in "ab":
        create(client, name=name)
    cursor = client.get(f"{PATH}?sort=name&limit=1").get_json()["next_cursor"]
    for query in (f"sort=-name&cursor={cursor}", "cursor=abc"):
        response = client.get(f"{PATH}?{query}")
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")
