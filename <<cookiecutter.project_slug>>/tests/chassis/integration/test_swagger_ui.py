"""Swagger UI: works without any other host, and can be switched off."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.chassis.domain.settings import Settings

from chassis.contract import api, swagger_ui


def test_the_page_needs_no_other_host(client: FlaskClient) -> None:
    page = client.get("/ui/")
    assert page.mimetype == "text/html"
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert len(links) == 4
    for link in links:
        assert "/" not in link
        assert client.get(f"/ui/{link}", buffered=True).status_code == 200
    assert 'url: "../openapi.json"' in client.get("/ui/start.js").text


def test_the_page_is_found_without_the_slash(client: FlaskClient) -> None:
    response = client.get("/ui")
    assert (response.status_code, response.location) == (302, "ui/")


@pytest.mark.parametrize("path", ["/ui/../settings.py", "/ui/missing.js", "/ui/%2e%2e/LICENSE"])
def test_only_the_files_of_the_page_are_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_it_can_be_switched_off(settings: Settings, make_app: Callable[..., Flask]) -> None:
    api = settings.api.model_copy(update={"swagger_ui": False})
    client = make_app(settings.model_copy(update={"api": api})).test_client()
    assert client.get("/ui/").status_code == 404
    assert client.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("environment", "enabled", "status"),
    [("development", True, 302), ("development", False, 404), ("production", True, 404)],
)
def test_the_root_leads_to_the_page_in_development(
    settings: Settings,
    make_app: Callable[..., Flask],
    environment: str,
    enabled: bool,
    status: int,
) -> None:
    changes = {"swagger_ui": enabled, "proxies": 1}
    changed = settings.model_copy(
        update={"environment": environment, "api": settings.api.model_copy(update=changes)}
    )
    response = make_app(changed).test_client().get("/", headers={"X-Forwarded-Prefix": "/a"})
    assert response.status_code == status
    # Relative: right behind any prefix, whether a proxy tells it or not.
    assert response.location == ("ui/" if status == 302 else None)


def test_the_root_stays_with_a_contract_that_has_one() -> None:
    app = Flask(__name__)
    app.extensions[api.EXTENSION] = {"": {}}
    app.add_url_rule("/", "own", lambda: "own", methods=["POST"])
    swagger_ui.init_app(app, enabled=True, at_root=True)
    assert app.test_client().post("/").text == "own"
    assert app.test_client().get("/").status_code == 405
