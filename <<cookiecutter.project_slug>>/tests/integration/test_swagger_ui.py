"""Swagger UI: works without any other host, and can be switched off."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from << cookiecutter.package_name >>.settings import ApiSettings, Settings


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
    without = settings.model_copy(update={"api": ApiSettings(swagger_ui=False)})
    client = make_app(without).test_client()
    assert client.get("/ui/").status_code == 404
    assert client.get("/openapi.json").status_code == 200
