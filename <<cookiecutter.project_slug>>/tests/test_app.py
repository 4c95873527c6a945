"""The composition root: the settings of each concern take effect in the service."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.contract.stubs import METHODS
from tools.contract.operations import base_path

from chassis.contract import read_contract

from << cookiecutter.package_name >>.app import CONTRACT
from << cookiecutter.package_name >>.settings import Settings

DOCUMENT = read_contract(CONTRACT)
BASE, PATHS = base_path(DOCUMENT), DOCUMENT["paths"]

MakeClient = Callable[..., FlaskClient]


@pytest.fixture
def make_client(settings: Settings, make_app: Callable[..., Flask]) -> MakeClient:
    """Makes a client of an application with other settings of the API."""

    def make(**api: Any) -> FlaskClient:
        changed = {"api": settings.api.model_copy(update=api)}
        return make_app(settings.model_copy(update=changed)).test_client()

    return make


def test_readiness_depends_on_what_the_service_needs(client: FlaskClient) -> None:
    ready = client.get("/readyz")
<% if cookiecutter.__has_database %>
    expected = {"lifecycle": "up", "database": "up"}
<% else %>
    expected = {"lifecycle": "up"}
<% endif %>
    assert (ready.status_code, ready.get_json()["checks"]) == (200, expected)


def test_swagger_ui_can_be_switched_off(make_client: MakeClient) -> None:
    assert make_client().get("/ui/").status_code == 200
    assert make_client(swagger_ui=False).get("/ui/").status_code == 404


def test_a_proxy_is_believed_if_there_is_one(make_client: MakeClient) -> None:
    for proxies, prefix in ((0, ""), (1, "/prefix")):
        client = make_client(proxies=proxies)
        document = client.get("/openapi.json", headers={"X-Forwarded-Prefix": "/prefix"}).get_json()
        # A server that is named as a whole is behind no proxy of this service.
        is_relative = DOCUMENT["servers"][0]["url"].startswith("/")
        assert base_path(document) == f"{prefix if is_relative else ''}{BASE}"


def test_a_body_has_a_limit(make_client: MakeClient) -> None:
    client = make_client(max_body_bytes=10)
    path, item = next(iter(PATHS.items()))
    method = min(METHODS & item.keys())
    refused = client.open(f"{BASE}{path}", method=method, data="x" * 11)
    assert (refused.status_code, refused.mimetype) == (413, "application/problem+json")
