"""The operations on << cookiecutter.__resource_plural_label >>, over HTTP."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from chassis.contract import example_body, read_contract

from << cookiecutter.package_name >>.app import CONTRACT

DOCUMENT = read_contract(CONTRACT)
PATH = "/v1/<< cookiecutter.__resource_path >>"
BODY: dict[str, Any] = example_body(DOCUMENT, "create_<< cookiecutter.resource >>")
DEFAULTS: dict[str, Any] = {"description": None, "priority": 0}


def create(client: FlaskClient, /, **fields: Any) -> dict[str, Any]:
    response = client.post(PATH, json={**BODY, **fields})
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.get_json()
    return created


def listed(client: FlaskClient, query: str = "") -> list[str]:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.get_json()["items"]]


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
    body = {name: value for name, value in BODY.items() if name not in DEFAULTS}
    old = create(client)
    path = f"{PATH}/{old['id']}"
    new = client.put(path, json=body).get_json()
    assert new == client.get(path).get_json()
    assert new == {**old, **DEFAULTS, "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]
    client.delete(path)
    created = client.post(PATH, json=body).get_json()
    assert {name: created[name] for name in DEFAULTS} == DEFAULTS


def test_fields_can_be_updated(client: FlaskClient) -> None:
    old = create(client)
    response = client.patch(f"{PATH}/{old['id']}", json={"name": "a", "description": None})
    assert response.status_code == 200
    new = response.get_json()
    assert new == client.get(f"{PATH}/{old['id']}").get_json()
    assert new == {**old, "name": "a", "description": None, "updated_at": new["updated_at"]}
    assert new["updated_at"] > old["updated_at"]
    assert client.patch(f"{PATH}/{old['id']}", json={}).status_code == 400


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
    first = create(client, name="First")
    second = create(client, name="Second")
    path, taken = f"{PATH}/{second['id']}", {"name": "First"}
    for response in (
        client.post(PATH, json=BODY | {"name": "First"}),
        client.put(path, json=BODY | {"name": "First"}),
        client.patch(path, json=taken),
    ):
        assert (response.status_code, response.mimetype) == (409, "application/problem+json")
        assert response.get_json()["detail"] == "The name 'First' is taken."
    assert listed(client) == [first["id"], second["id"]]
    assert client.patch(f"{PATH}/{first['id']}", json=taken).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("name", "nul \0"),
        ("name", 5),
        ("category", ""),
        ("category", "x" * 41),
        ("category", "nul \0"),
        ("category", 5),
        ("description", "x" * 501),
        ("description", "nul \0"),
        ("description", 5),
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
    assert listed(client) == []


def test_the_largest_fields_are_kept(client: FlaskClient) -> None:
    fields = {"name": "𝄞" * 80, "category": "𝄞" * 40, "description": "𝄞" * 500, "priority": 9}
    created = create(client, **fields)
    assert {name: created[name] for name in fields} == fields


def test_a_list_is_sorted_filtered_and_paged(client: FlaskClient) -> None:
    last = create(client, name="c", category="a")["id"]
    first = create(client, name="a", category="b")["id"]
    second = create(client, name="b", category="b")["id"]
    assert listed(client) == [last, first, second]
    assert listed(client, "sort=-name") == [last, second, first]
    assert listed(client, "sort=name&category=b") == [first, second]
    page = client.get(f"{PATH}?limit=2").get_json()
    assert [item["id"] for item in page["items"]] == [last, first]
    assert listed(client, f"limit=2&cursor={page['next_cursor']}") == [second]
    assert client.get(f"{PATH}?sort=-created_at&cursor={page['next_cursor']}").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "limit=1e2", "sort=id", "cursor=", "cursor=%3D", "page=2"],
)
def test_a_wrong_query_is_refused(client: FlaskClient, query: str) -> None:
    response = client.get(f"{PATH}?{query}")
    assert response.status_code == 400
    assert [error["location"] for error in response.get_json()["errors"]] == ["query"]
