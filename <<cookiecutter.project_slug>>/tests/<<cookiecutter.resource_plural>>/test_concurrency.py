"""Requests that come at the same time do not lose what others have changed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any
from uuid import UUID

from flask import Flask

from chassis.contract import example_body, read_contract
from chassis.resources import Repository, UnitOfWork

from << cookiecutter.package_name >> import app as composition
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model

PATH = "/v1/<< cookiecutter.__resource_path >>"
CONTRACT = read_contract(composition.CONTRACT)
BODY: Any = example_body(CONTRACT, "create_<< cookiecutter.resource >>")
AT_ONCE = 50


def test_concurrent_changes_of_different_fields_are_both_kept(app: Flask) -> None:
    path = app.test_client().post(PATH, json=BODY).location
    for number in range(1, 10):
        changes = [{"priority": number}, {"description": str(number)}]
        with ThreadPoolExecutor() as threads:
            statuses = threads.map(lambda body: patch(app, path, body), changes)
            assert list(statuses) == [200, 200]
        found = app.test_client().get(path).get_json()
        assert (found["priority"], found["description"]) == (number, str(number))


def test_of_changes_that_are_based_on_one_version_one_is_written(app: Flask) -> None:
    created = app.test_client().post(PATH, json=BODY)
    condition = {"If-Match": created.headers["ETag"]}
    statuses = at_once(lambda: patch(app, created.location, BODY, condition))
    assert sorted(statuses) == [200, *[412] * (AT_ONCE - 1)]


def test_of_rules_that_need_the_same_state_one_finds_it(app: Flask) -> None:
    repository = app.extensions["injector"].get(Repository[model.<< cookiecutter.__resource_class >>])
    unit_of_work = app.extensions["injector"].get(UnitOfWork)
    identifier = UUID(app.test_client().post(PATH, json=BODY).get_json()["id"])

    def change(expected: int) -> bool:
        with app.app_context(), unit_of_work:
            if repository.get(identifier, for_update=True).version != expected:
                return False
            # Time for others to read what is about to change.
            time.sleep(0.01)
            repository.update(identifier, {})
            return True

    for version in range(1, 4):
        assert sum(at_once(partial(change, version))) == 1


def at_once(work: Callable[[], Any]) -> list[Any]:
    """Returns the results of many threads that do the same."""
    barrier = Barrier(AT_ONCE)

    def begin(_: int) -> Any:
        barrier.wait(60)
        return work()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(begin, range(AT_ONCE)))


def patch(
    app: Flask, path: str | None, body: dict[str, Any], headers: dict[str, str] | None = None
) -> int:
    return app.test_client().patch(str(path), json=body, headers=headers).status_code
