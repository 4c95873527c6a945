"""Documents: in YAML or JSON, in one file or in several."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from flask import Flask
from injector import Injector

from chassis import contract, tracing
from chassis.contract import ContractError, read_contract

MAIN = """
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things:
    $ref: paths/things.yaml
  /things/{number}:
    get:
      operationId: handlers.get_thing
      parameters:
        - $ref: "parts/parameters.yaml#/number"
      responses:
        200:
          $ref: "parts/responses.yaml#/components/responses/Thing"
components:
  schemas:
    Thing:
      $ref: "parts/thing.yaml"
    Part:
      type: object
      properties:
        thing: {$ref: "#/components/schemas/Thing"}
"""
FILES = {
    "paths/things.yaml": """
post:
  operationId: handlers.create_thing
  requestBody:
    content:
      application/json:
        schema: {$ref: "../parts/thing.yaml"}
        examples:
          First: {$ref: "../parts/examples.json#/First"}
  responses:
    201: {$ref: "../parts/responses.yaml#/components/responses/Thing"}
""",
    "parts/parameters.yaml": """
number: {name: number, in: path, required: true, schema: {$ref: "#/Number"}}
Number: {type: integer, maximum: 9}
""",
    "parts/responses.yaml": """
components:
  responses:
    Thing:
      description: A thing
      content: {application/json: {schema: {$ref: "../openapi.yaml#/components/schemas/Thing"}}}
""",
    "parts/thing.yaml": """
type: object
required: [name]
example: {$ref: stays}
x-note: {$ref: "stays.yaml"}
discriminator: {propertyName: name, mapping: {a: "thing.yaml", b: Part}}
properties:
  name: {type: string}
  example: {$ref: "parameters.yaml#/Number"}
  part: {$ref: "../openapi.yaml#/components/schemas/Part"}
  things: {type: array, items: {$ref: "thing.yaml"}}
  other: {$ref: "more/Part.yaml"}
""",
    "parts/more/Part.yaml": "{type: object, properties: {size: {$ref: '../parameters.yaml#/Number'}}}",
    "parts/examples.json": '{"First": {"value": {"name": "First"}}}',
}


def write(directory: Path, files: dict[str, str]) -> Path:
    """Writes files; returns that of the document."""
    for name, text in files.items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory / "openapi.yaml"


def serve_file(document: Path, monkeypatch: pytest.MonkeyPatch, **handlers: Any) -> Flask:
    """Serves a document as it stands in its file."""
    module = ModuleType("handlers")
    vars(module).update(handlers)
    monkeypatch.setitem(sys.modules, "handlers", module)
    app = Flask("things")
    contract.init_serialization(app)
    tracing.init_app(app)
    contract.init_app(
        app, Injector(), document, validate_responses=True, max_body_bytes=10_000, body_timeout=5
    )
    contract.init_swagger_ui(app, enabled=False, at_root=False)
    contract.init_problems(app, {})
    return app


def test_a_document_may_stand_in_several_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = write(tmp_path, {**FILES, "openapi.yaml": MAIN})
    app = serve_file(
        document,
        monkeypatch,
        get_thing=lambda number: {"name": str(number)},
        create_thing=lambda body: (body, 201),
    )
    client = app.test_client()
    assert client.get("/things/5").get_json() == {"name": "5"}
    assert client.get("/things/10").status_code == 400
    good = {"name": "a", "example": 5, "other": {"size": 9}, "things": [{"name": "b"}]}
    assert client.post("/things", json=good).get_json() == good
    for change, pointer in (
        ({"example": 10}, "#/example"),
        ({"other": {"size": 10}}, "#/other/size"),
        ({"things": [{}]}, "#/things/0/name"),
        ({"part": {"thing": {}}}, "#/part/thing/name"),
    ):
        refused = client.post("/things", json={**good, **change})
        assert [error["pointer"] for error in refused.get_json()["errors"]] == [pointer]


def test_what_other_files_have_becomes_a_component(tmp_path: Path) -> None:
    document = read_contract(write(tmp_path, {**FILES, "openapi.yaml": MAIN}))
    components = document["components"]
    assert {kind: sorted(named) for kind, named in components.items()} == {
        "schemas": ["Number", "Part", "Part_2", "Thing"],
        "parameters": ["number"],
        "responses": ["Thing"],
        "examples": ["First"],
    }
    thing = components["schemas"]["Thing"]
    assert thing["properties"]["things"]["items"] == {"$ref": "#/components/schemas/Thing"}
    assert thing["properties"]["other"] == {"$ref": "#/components/schemas/Part_2"}
    assert thing["example"] == {"$ref": "stays"}
    assert thing["x-note"] == {"$ref": "stays.yaml"}
    assert thing["discriminator"]["mapping"] == {"a": "#/components/schemas/Thing", "b": "Part"}
    assert contract.example_body(document, "handlers.create_thing") == {"name": "First"}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("missing.yaml", "$ref: missing.yaml: No such file or directory"),
        ("parts/thing.yaml#/nothing", "$ref: there is no #/nothing"),
        ("parts/broken.yaml", "$ref: parts/broken.yaml: not valid YAML in line 1, column 1: "),
        (
            "https://things.example/thing.yaml",
            "$ref: https://things.example/thing.yaml: only files are read: put a copy beside",
        ),
    ],
)
def test_a_reference_to_no_file_is_named(tmp_path: Path, reference: str, message: str) -> None:
    files = {
        **FILES,
        "openapi.yaml": MAIN.replace("parts/thing.yaml", reference),
        "parts/broken.yaml": "]",
    }
    with pytest.raises(ContractError) as caught:
        read_contract(write(tmp_path, files))
    assert str(caught.value).startswith(message)


def test_files_that_refer_to_each_other_without_end_are_named(tmp_path: Path) -> None:
    files = {"openapi.yaml": "paths: {/a: {$ref: a.yaml}}", "a.yaml": "{$ref: a.yaml}"}
    with pytest.raises(ContractError, match=r"\$ref: a.yaml# leads to itself"):
        read_contract(write(tmp_path, files))


def test_a_date_that_is_not_quoted_is_a_text(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text("{day: 2026-02-03, time: 2026-02-03T04:05:06Z, number: 1.50, none: null}")
    assert read_contract(document) == {
        "day": "2026-02-03",
        "time": "2026-02-03T04:05:06Z",
        "number": 1.5,
        "none": None,
    }


def test_keys_are_texts(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    base, same = "base: &base {1: a}", "{on: b, 200: c, null: d, 1.50: e, " + "<" * 2 + ": *base}"
    document.write_text(f"{base}\nsame: {same}")
    keys = {"1": "a", "on": "b", "200": "c", "null": "d", "1.50": "e"}
    assert read_contract(document)["same"] == keys


@pytest.mark.parametrize("text", ['{"a": "\\ud83d\\ude00"}', 'a: "\\ud83d\\ude00"'])
def test_a_character_may_be_written_in_halves(tmp_path: Path, text: str) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(text)
    assert read_contract(document) == {"a": "\U0001f600"}


@pytest.mark.parametrize("text", ["a: [", "{a: [", '{"a": [', 'a: "\\ud83d\\ude00" ['])
def test_what_is_not_yaml_is_refused_with_its_place(tmp_path: Path, text: str) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(text)
    with pytest.raises(ContractError, match=r"not valid YAML in line \d, column"):
        read_contract(document)


SERVED: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/things": {
            "get": {"operationId": "handlers.get", "responses": {200: {"description": "Things"}}}
        }
    },
}


@pytest.mark.parametrize(
    ("servers", "prefix", "expected"),
    [
        (None, "", None),
        (None, "/prefix", ["/prefix/"]),
        ([], "/prefix", ["/prefix/"]),
        (["/v1"], "", ["/v1"]),
        (["/v1", "/"], "/prefix", ["/prefix/v1", "/prefix/"]),
        (["/{version}"], "/prefix", ["/prefix/{version}"]),
        (
            ["https://api.example/v1", "//api.example/v1"],
            "/prefix",
            ["https://api.example/v1", "//api.example/v1"],
        ),
    ],
)
def test_the_document_is_served_with_its_servers(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    servers: list[str] | None,
    prefix: str,
    expected: list[str] | None,
) -> None:
    variables = {"variables": {"version": {"default": "v1"}}}
    declared = (
        {} if servers is None else {"servers": [{"url": url, **variables} for url in servers]}
    )
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump({**SERVED, **declared}))
    app = serve_file(file, monkeypatch, get=lambda: ([], 200))
    client = app.test_client()
    overrides = {"environ_overrides": {"SCRIPT_NAME": prefix}}
    document = client.get("/openapi.json", **overrides).get_json()
    assert document["paths"]["/things"]["get"]["responses"] == {"200": {"description": "Things"}}
    if expected is None:
        assert "servers" not in document
    else:
        assert [server["url"] for server in document["servers"]] == expected
    path = "/v1/things" if servers and servers[0] != "/" else "/things"
    assert client.get(path).get_json() == []


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (
            {"swagger": "2.0"},
            "Swagger 2.0 is not served: convert the document to OpenAPI 3.0, for instance with the npm package swagger2openapi",
        ),
        (
            {"openapi": "3.1.0"},
            "OpenAPI 3.1 is not served: write `openapi: 3.0.3`, and what 3.1 has new as 3.0 has it, such as `nullable: true` for `type: [..., 'null']`",
        ),
        ({"openapi": "3.2.0"}, "OpenAPI 3.2 is not served: write `openapi: 3.0.3`, "),
        ({"openapi": 3.0}, "there is no `openapi: 3.0.3` at the top"),
        ({}, "there is no `openapi: 3.0.3` at the top"),
    ],
)
def test_another_version_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: dict[str, Any], reason: str
) -> None:
    document = {key: value for key, value in SERVED.items() if key != "openapi"} | version
    file = tmp_path / "openapi.yaml"
    file.write_text(json.dumps(document))
    with pytest.raises(ContractError) as caught:
        serve_file(file, monkeypatch)
    assert str(caught.value).startswith(f"contract: {file}: {reason}")
