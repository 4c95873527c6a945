"""Examples: the contract's are found, wherever it has them."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chassis.contract.commands import example_command
from chassis.contract.examples import (
    MissingExampleError,
    collections,
    example_body,
    example_faults,
    numbered_texts,
    references,
)

NAME = {"type": "string", "example": "First"}


def document(schema: Any = None, **media: Any) -> dict[str, Any]:
    content = {"application/json": {**({"schema": schema} if schema else {}), **media}}
    return {
        "paths": {
            "/things": {
                "parameters": [],
                "get": {"operationId": "list_things"},
                "post": {
                    "operationId": "create_thing",
                    "requestBody": {"content": content},
                    "responses": {"201": {"description": "Created"}},
                },
            },
        },
        "components": {
            "schemas": {"Name": NAME, "a/b": {"example": 7}},
            "examples": {"thing": {"value": {"name": "Third"}}},
        },
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (document(NAME, example={"name": "Second"}), {"name": "Second"}),
        (
            document(NAME, examples={"x": {"$ref": "#/components/examples/thing"}}),
            {"name": "Third"},
        ),
        (
            document({"example": {"name": "Fourth"}, "properties": {"name": NAME}}),
            {"name": "Fourth"},
        ),
        (
            document({"properties": {"name": {"$ref": "#/components/schemas/Name"}}}),
            {"name": "First"},
        ),
        (document({"properties": {"x": {"$ref": "#/components/schemas/a~1b"}}}), {"x": 7}),
        (document({"properties": {"x": {"type": "integer", "default": 5}}}), {"x": 5}),
        (document({"properties": {"x": {"enum": ["a", "b"]}}}), {"x": "a"}),
        (document({"properties": {"x": {"type": "array", "items": NAME}}}), {"x": ["First"]}),
        (document({"properties": {"x": {"properties": {"name": NAME}}}}), {"x": {"name": "First"}}),
        (document({"properties": {"name": NAME, "x": {"type": "string"}}}), {"name": "First"}),
        (
            document({"properties": {"name": NAME, "id": {"example": 1, "readOnly": True}}}),
            {"name": "First"},
        ),
        (
            document(
                {"allOf": [{"properties": {"name": NAME}}, {"properties": {"x": {"enum": [1]}}}]}
            ),
            {"name": "First", "x": 1},
        ),
        (document({"oneOf": [{"properties": {"name": NAME}}, {}]}), {"name": "First"}),
    ],
)
def test_the_example_of_a_body_is_found(given: dict[str, Any], expected: Any) -> None:
    assert example_body(given, "create_thing") == expected


def test_an_example_that_is_missing_is_named() -> None:
    inner = {"required": ["x"], "properties": {"x": {"type": "string"}}}
    given = document({"required": ["part"], "properties": {"part": inner}})
    with pytest.raises(MissingExampleError, match="no example: the body of create_thing, part, x"):
        example_body(given, "create_thing")


def test_an_operation_without_a_body_has_no_example() -> None:
    with pytest.raises(LookupError, match="no operation forget_thing"):
        example_body(document(), "forget_thing")
    with pytest.raises(LookupError, match="list_things takes no JSON"):
        example_body(document(), "list_things")


def test_a_document_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "openapi.yaml"
    broken.write_text("paths: [")
    result = CliRunner().invoke(example_command(broken), ["create_thing"])
    (line,) = result.output.splitlines()
    assert result.exit_code == 1
    assert line.startswith(f"Error: contract: {broken}: not valid YAML in line ")


def test_collections_are_what_can_be_added_to() -> None:
    given = document()
    create = given["paths"]["/things"]["post"]
    given["components"]["requestBodies"] = {"thing": create["requestBody"]}
    given["paths"] |= {
        "/boxes": {"post": {**create, "requestBody": {"$ref": "#/components/requestBodies/thing"}}},
        "/things/{id}/parts": {"post": create},
        "/restarts": {"post": {**create, "requestBody": {}}},
        "/searches": {"post": {**create, "responses": {"200": {"description": "Found"}}}},
    }
    assert collections(given) == {"/things": "create_thing", "/boxes": "create_thing"}


def test_texts_of_an_object_are_numbered() -> None:
    name = {"properties": {"name": NAME, "size": {"example": 5}}}
    assert numbered_texts(document(name), "create_thing") == ["name"]
    names = {"type": "array", "items": name}
    assert numbered_texts(document(names), "create_thing") == []
    assert numbered_texts(document(name, example=[{"name": "First"}]), "create_thing") == []


def test_examples_are_checked() -> None:
    def faults(schema: Any) -> list[str]:
        given = document(schema)
        given["paths"] = {"/things": given["paths"]["/things"]}
        return example_faults(given)

    assert faults({"properties": {"name": NAME}}) == []
    assert faults({"required": ["x"], "properties": {"x": {"type": "string"}}}) == [
        "the contract has no example: the body of create_thing, x"
    ]
    assert faults({"properties": {"name": {**NAME, "maxLength": 2}}}) == [
        "the example of create_thing: #/name is longer than 2 characters"
    ]


def referring(**paths: dict[str, str]) -> dict[str, Any]:
    """Returns a document of collections whose items refer to items of others."""
    items: dict[str, Any] = {}
    for name, targets in paths.items():
        properties = {
            key: {"type": "string", "example": "1", "x-refers-to": f"/{target}"}
            for key, target in targets.items()
        }
        body = {"type": "object", "properties": properties | {"name": NAME}}
        items[f"/{name}"] = {
            "post": {
                "operationId": f"create_{name}",
                "requestBody": {"content": {"application/json": {"schema": body}}},
                "responses": {"201": {"description": "Created"}},
            }
        }
    return {"paths": items}


def test_what_is_referred_to_comes_first() -> None:
    document = referring(lines={"order": "orders"}, orders={"customer": "customers"}, customers={})
    assert list(collections(document)) == ["/customers", "/orders", "/lines"]
    assert references(document, "create_lines") == {"order": "/orders"}
    assert references(document, "create_customers") == {}


def test_a_circle_of_references_has_an_end() -> None:
    document = referring(apples={"pear": "pears", "self": "apples"}, pears={"apple": "apples"})
    assert sorted(collections(document)) == ["/apples", "/pears"]
    assert references(document, "create_apples") == {"pear": "/pears", "self": "/apples"}
