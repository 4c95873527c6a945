"""Requests that come at the same time do not lose what others have changed."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from chassis.contract import example_body, read_contract

from << cookiecutter.package_name >>.app import CONTRACT

PATH = "/v1/<< cookiecutter.__resource_path >>"
BODY: Any = example_body(read_contract(CONTRACT), "create_<< cookiecutter.resource >>")


def test_concurrent_changes_of_different_fields_are_both_kept(app: Flask) -> None:
    path = app.test_client().post(PATH, json=BODY).location
    for number in range(1, 10):
        changes = [{"priority": number}, {"description": str(number)}]
        with ThreadPoolExecutor() as threads:
            statuses = threads.map(lambda body: patch(app, path, body), changes)
            assert list(statuses) == [200, 200]
        found = app.test_client().get(path).get_json()
        assert (found["priority"], found["description"]) == (number, str(number))


def patch(app: Flask, path: str | None, body: dict[str, Any]) -> int:
    return app.test_client().patch(str(path), json=body).status_code
