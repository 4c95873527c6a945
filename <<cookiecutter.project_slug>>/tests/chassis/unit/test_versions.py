"""Two versions of an API in one application, each with its document."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from injector import Injector

from chassis import contract, routes, tracing


def document(version: str, limit: int) -> dict[str, Any]:
    """Returns a document whose operation has the handler that it has in each version."""
    operation = {
        "operationId": "handlers.get_things",
        "parameters": [
            {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": limit}}
        ],
        "responses": {
            "200": {
                "description": "Things",
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": version},
        "servers": [{"url": f"/{version}"}],
        "paths": {"/things": {"get": operation}},
    }


FIRST, SECOND = document("v1", 10), document("v2", 20)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application that serves both."""
    module = ModuleType("handlers")
    vars(module).update(get_things=lambda limit=None: {"limit": limit})
    monkeypatch.setitem(sys.modules, "handlers", module)
    paths = [tmp_path / "openapi.yaml", tmp_path / "openapi_v2.yaml"]
    for path, content in zip(paths, (FIRST, SECOND), strict=True):
        path.write_text(yaml.safe_dump(content))
    app = Flask("things")
    contract.init_serialization(app)
    tracing.init_app(app)
    contract.init_app(
        app,
        Injector(),
        *paths,
        validate_responses=True,
        max_body_bytes=1000,
        body_timeout=1,
    )
    contract.init_swagger_ui(app, enabled=True, at_root=True)
    contract.check_routes(app)
    contract.init_problems(app, {})
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_each_version_keeps_to_its_document(client: FlaskClient) -> None:
    assert client.get("/v1/things?limit=10").get_json() == {"limit": 10}
    assert client.get("/v2/things?limit=20").get_json() == {"limit": 20}
    refused = client.get("/v1/things?limit=20")
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert client.get("/v3/things").status_code == 404


def test_routes_have_the_names_of_their_version(app: Flask) -> None:
    found = {
        routes.template(app, rule)
        for rule in app.url_map.iter_rules()
        if rule.rule.endswith("/things")
    }
    assert found == {"/v1/things", "/v2/things"}


def test_each_document_is_served(app: Flask, client: FlaskClient) -> None:
    assert client.get("/openapi.json").get_json() == FIRST
    assert client.get("/openapi-v2.json").get_json() == SECOND
    with app.app_context():
        assert contract.documents() == [FIRST, SECOND]


def test_the_page_offers_both(client: FlaskClient) -> None:
    page = client.get("/ui/").text
    links = re.findall(r'src="([^"]*)"', page)
    assert links == ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "start.js"]
    for link in links:
        assert client.get(f"/ui/{link}", buffered=True).status_code == 200
    start = client.get("/ui/start.js").text
    for name, url in (("v1", "../openapi.json"), ("v2", "../openapi-v2.json")):
        assert f'{{"name": "{name}", "url": "{url}"}}' in start
