"""Changes of a contract, each with the rules that have to find it.

A change is a function that edits the document in place. Some are found from both ends: what breaks a request when it is
made does not when it is undone, and the other way round for a response.
"""

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Edit = Callable[[Document], Any]

POST = "/things"
CONTRACT = """
openapi: 3.0.3
info: {title: Things, version: "1"}
servers: [{url: /v1}]
paths:
  /things:
    parameters:
      - {name: language, in: query, schema: {type: string, enum: [de, en], default: en}}
    get:
      operationId: list_things
      parameters:
        - $ref: "#/components/parameters/Limit"
        - {name: word, in: query, schema: {type: string, maxLength: 9}}
        - {name: X-Client, in: header, schema: {type: string}}
        - {name: colors, in: query, schema: {type: array, maxItems: 3, items: {type: string}}}
      responses:
        "200":
          description: Things
          headers:
            X-Count: {required: true, schema: {type: integer}}
            X-Hint: {schema: {type: string}}
          content:
            application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}
            text/csv: {schema: {type: string}}
        "404": {description: None}
    post:
      operationId: create_thing
      security: [{key: []}, {login: [write]}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: "#/components/schemas/NewThing"}}
          multipart/form-data: {schema: {type: object, properties: {file: {type: string, format: binary}}}}
      responses:
        "201": {description: Created}
        "202": {description: Later}
  /things/{id}:
    get:
      operationId: get_thing
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses:
        "200":
          description: Thing
          content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}
    put:
      operationId: replace_thing
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      requestBody:
        content: {application/json: {schema: {type: object}}}
      responses: {"204": {description: Replaced}}
    delete:
      operationId: delete_thing
      deprecated: true
      parameters: [{name: id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses: {"204": {description: Deleted}}
components:
  parameters:
    Limit: {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: /token, scopes: {write: Write, admin: All}}}
  schemas:
    Value:
      allOf:
        - $ref: "#/components/schemas/Base"
        - type: object
          required: [name]
          properties:
            name: {type: string, minLength: 1, maxLength: 20, pattern: "^a"}
            note: {type: string}
            color: {type: string, enum: [red, green]}
            weight: {type: number, minimum: 0, maximum: 50}
            maybe: {type: string, nullable: true}
            tags: {type: array, minItems: 1, maxItems: 5, items: {type: string}}
            when: {type: string, format: date}
            free: {type: string}
            shape:
              oneOf:
                - $ref: "#/components/schemas/Circle"
                - $ref: "#/components/schemas/Square"
            parent: {$ref: "#/components/schemas/Value"}
            secret: {type: string, writeOnly: true}
            number: {type: integer, readOnly: true}
    Base:
      type: object
      required: [kind]
      properties: {kind: {type: string}}
    Circle: {type: object, required: [radius], properties: {radius: {type: number}}}
    Square: {type: object, required: [side], properties: {side: {type: number}}}
    Triangle: {type: object, required: [height], properties: {height: {type: number}}}
    NewThing: {$ref: "#/components/schemas/Value"}
    Thing: {$ref: "#/components/schemas/Value"}
"""


def operation(document: Document, method: str, path: str = POST) -> Any:
    """Returns an operation."""
    return document["paths"][path][method]


def value(document: Document) -> Any:
    """Returns the part of the schema that has the properties."""
    return document["components"]["schemas"]["Value"]["allOf"][1]


def change(name: str, **keywords: Any) -> Edit:
    """Changes keywords of a property; those that get None are removed."""

    def edit(document: Document) -> None:
        schema = value(document)["properties"][name]
        schema.update(keywords)
        for keyword in [key for key, one in schema.items() if one is None]:
            del schema[keyword]

    return edit


def parameter(number: int, **keywords: Any) -> Edit:
    """Changes keywords of a parameter of the list."""

    def edit(document: Document) -> None:
        operation(document, "get")["parameters"][number].update(keywords)

    return edit


def limit(**keywords: Any) -> Edit:
    """Changes the schema of the parameter that is a component."""
    return lambda document: document["components"]["parameters"]["Limit"]["schema"].update(keywords)


def language(**keywords: Any) -> Edit:
    """Changes the schema of the parameter that a path shares with its operations."""

    def edit(document: Document) -> None:
        document["paths"][POST]["parameters"][0]["schema"] = {"type": "string", **keywords}

    return edit


def response(**headers: Any) -> Edit:
    """Changes the headers of the list."""

    def edit(document: Document) -> None:
        found = operation(document, "get")["responses"]["200"]["headers"]
        found.update(headers)
        for name in [name for name, one in found.items() if one is None]:
            del found[name]

    return edit


def required(*names: str) -> Edit:
    """Changes which properties have to be there."""
    return lambda document: value(document).update(required=list(names))


def without(name: str) -> Edit:
    """Removes a property."""

    def edit(document: Document) -> None:
        del value(document)["properties"][name]

    return edit


def added(name: str, *, is_required: bool, **schema: Any) -> Edit:
    """Adds a property."""

    def edit(document: Document) -> None:
        value(document)["properties"][name] = {"type": "string", **schema}
        if is_required:
            value(document)["required"].append(name)

    return edit


def shapes(*names: str) -> Edit:
    """Changes the alternatives of a property."""

    def edit(document: Document) -> None:
        value(document)["properties"]["shape"]["oneOf"] = [
            {"$ref": f"#/components/schemas/{name}"} for name in names
        ]

    return edit


# Changes of schemas that bodies of requests and of responses have: what breaks the one, and what the other.
SCHEMAS: list[tuple[Edit, set[str], set[str]]] = [
    (added("size", is_required=True), {"new-required-request-property"}, set()),
    (
        added("size", is_required=True, default="S"),
        {"new-required-request-property-with-default"},
        set(),
    ),
    (required("name", "note"), {"request-property-became-required"}, set()),
    (required(), set(), {"response-property-became-optional"}),
    (without("note"), {"request-property-removed"}, {"response-optional-property-removed"}),
    (without("name"), {"request-property-removed"}, {"response-required-property-removed"}),
    (
        change("note", type="integer"),
        {"request-property-type-changed"},
        {"response-property-type-changed"},
    ),
    (change("weight", type="integer"), {"request-property-type-changed"}, set()),
    (change("when", format=None), set(), {"response-property-type-generalized"}),
    (
        change("when", format="uuid"),
        {"request-property-type-changed"},
        {"response-property-type-changed"},
    ),
    (change("note", format="uuid"), {"request-property-type-changed"}, set()),
    (change("color", enum=["red"]), {"request-property-enum-value-removed"}, set()),
    (change("color", enum=["red", "green", "blue"]), set(), {"response-property-enum-value-added"}),
    (change("color", enum=None), set(), {"response-property-enum-value-added"}),
    (change("note", enum=["a", "b"]), {"request-property-became-enum"}, set()),
    (change("maybe", nullable=False), {"request-property-became-not-nullable"}, set()),
    (change("note", nullable=True), set(), {"response-property-became-nullable"}),
    (change("name", maxLength=10), {"request-property-max-length-decreased"}, set()),
    (change("name", maxLength=30), set(), {"response-property-max-length-increased"}),
    (change("name", maxLength=None), set(), {"response-property-max-length-unset"}),
    (change("note", maxLength=30), {"request-property-max-length-set"}, set()),
    (change("name", minLength=2), {"request-property-min-length-increased"}, set()),
    (change("name", minLength=None), set(), {"response-property-min-length-decreased"}),
    (change("weight", maximum=40), {"request-property-max-decreased"}, set()),
    (change("weight", exclusiveMaximum=True), {"request-property-max-decreased"}, set()),
    (change("weight", maximum=60), set(), {"response-property-max-increased"}),
    (change("weight", minimum=1), {"request-property-min-increased"}, set()),
    (change("weight", minimum=-1), set(), {"response-property-min-decreased"}),
    (change("tags", minItems=2), {"request-property-min-items-increased"}, set()),
    (change("tags", minItems=None), set(), {"response-property-min-items-unset"}),
    (change("tags", maxItems=4), {"request-property-max-items-decreased"}, set()),
    (
        change("tags", items={"type": "integer"}),
        {"request-property-type-changed"},
        {"response-property-type-changed"},
    ),
    (change("name", pattern="^b"), {"request-property-pattern-changed"}, set()),
    (change("note", pattern="^b"), {"request-property-pattern-added"}, set()),
    # What does not occur in requests, or in responses, breaks nothing there.
    (change("secret", type="integer"), {"request-property-type-changed"}, set()),
    (change("number", type="string"), set(), {"response-property-type-changed"}),
    (shapes("Circle"), {"request-property-one-of-removed"}, set()),
    (shapes("Circle", "Square", "Triangle"), set(), {"response-property-one-of-added"}),
]

# Other changes that break clients.
BREAKS: list[tuple[Edit, set[str]]] = [
    (lambda d: d["paths"].pop(POST), {"api-path-removed-without-deprecation"}),
    (lambda d: d["paths"][POST].pop("post"), {"api-removed-without-deprecation"}),
    (lambda d: d.update(servers=[{"url": "/v2"}]), {"api-path-removed-without-deprecation"}),
    (lambda d: operation(d, "get")["parameters"].pop(1), {"request-parameter-removed"}),
    (lambda d: d["paths"][POST].pop("parameters"), {"request-parameter-removed"}),
    (parameter(1, required=True), {"request-parameter-became-required"}),
    (parameter(2, required=True), {"request-parameter-became-required"}),
    (
        parameter(1, schema={"type": "string", "maxLength": 5}),
        {"request-parameter-max-length-decreased"},
    ),
    (
        parameter(1, schema={"type": "string", "maxLength": 9, "pattern": "a"}),
        {"request-parameter-pattern-added"},
    ),
    (parameter(1, schema={"type": "integer", "maxLength": 9}), {"request-parameter-type-changed"}),
    (
        parameter(1, schema={"type": "string", "maxLength": 9, "enum": ["a"]}),
        {"request-parameter-became-enum"},
    ),
    (
        parameter(3, schema={"type": "array", "maxItems": 2, "items": {"type": "string"}}),
        {"request-parameter-max-items-decreased"},
    ),
    (
        parameter(3, schema={"type": "array", "maxItems": 3, "items": {"type": "boolean"}}),
        {"request-parameter-type-changed"},
    ),
    (limit(maximum=50), {"request-parameter-max-decreased"}),
    (limit(minimum=2), {"request-parameter-min-increased"}),
    (limit(default=10), {"request-parameter-default-value-changed"}),
    (language(enum=["de"], default="en"), {"request-parameter-enum-value-removed"}),
    (language(enum=["de", "en"]), {"request-parameter-default-value-removed"}),
    (
        lambda d: operation(d, "get")["parameters"].append(
            {"name": "new", "in": "query", "required": True, "schema": {"type": "string"}}
        ),
        {"new-required-request-parameter"},
    ),
    (lambda d: operation(d, "post").pop("requestBody"), {"request-body-removed"}),
    (
        lambda d: operation(d, "put", "/things/{id}")["requestBody"].update(required=True),
        {"request-body-became-required"},
    ),
    (
        lambda d: operation(d, "delete", "/things/{id}").update(
            requestBody={"required": True, "content": {"application/json": {}}}
        ),
        {"request-body-added-required"},
    ),
    (
        lambda d: operation(d, "post")["requestBody"]["content"].pop("multipart/form-data"),
        {"request-body-media-type-removed"},
    ),
    (
        lambda d: operation(d, "put", "/things/{id}")["requestBody"]["content"][
            "application/json"
        ].update(schema={"type": "array", "items": {}}),
        {"request-body-type-changed"},
    ),
    (lambda d: operation(d, "post")["responses"].pop("202"), {"response-success-status-removed"}),
    (
        lambda d: operation(d, "get")["responses"]["200"]["content"].pop("text/csv"),
        {"response-media-type-removed"},
    ),
    (
        lambda d: operation(d, "get")["responses"]["200"]["content"]["application/json"].update(
            schema={"type": "object"}
        ),
        {"response-body-type-changed"},
    ),
    (response(**{"X-Count": None}), {"required-response-header-removed"}),
    (response(**{"X-Hint": None}), {"optional-response-header-removed"}),
    (response(**{"X-Count": {"schema": {"type": "integer"}}}), {"response-header-became-optional"}),
    (
        response(**{"X-Hint": {"schema": {"type": "string", "nullable": True}}}),
        {"response-header-became-nullable"},
    ),
    (
        response(**{"X-Count": {"required": True, "schema": {"type": "string"}}}),
        {"response-header-type-generalized"},
    ),
    (
        lambda d: operation(d, "put", "/things/{id}").update(security=[{"key": []}]),
        {"api-security-added"},
    ),
    (lambda d: d.update(security=[{"key": []}]), {"api-security-added"}),
    (lambda d: operation(d, "post").update(security=[{"key": []}]), {"api-security-removed"}),
    (
        lambda d: operation(d, "post").update(
            security=[{"key": []}, {"login": ["write", "admin"]}]
        ),
        {"api-security-scope-added"},
    ),
    (
        lambda d: d["components"]["securitySchemes"]["key"].update(name="X-Other"),
        {"api-security-removed"},
    ),
]


def _renamed(document: Document, old: str, new: str) -> None:
    """Renames a schema, also where it is referred to."""
    schemas = document["components"]["schemas"]
    schemas[new] = schemas.pop(old)
    _replace(document, f"#/components/schemas/{old}", f"#/components/schemas/{new}")


def _replace(node: Any, old: str, new: str) -> None:
    if isinstance(node, list):
        for one in node:
            _replace(one, old, new)
    elif isinstance(node, dict):
        if node.get("$ref") == old:
            node["$ref"] = new
        for one in node.values():
            _replace(one, old, new)


def _with_another_name_in_the_path(document: Document) -> None:
    item = document["paths"].pop("/things/{id}")
    for described in item.values():
        described["parameters"][0]["name"] = "thing-id"
    document["paths"]["/things/{thing-id}"] = item


def _with_another_scheme_name(document: Document) -> None:
    schemes = document["components"]["securitySchemes"]
    schemes["other"] = schemes.pop("key")
    operation(document, "post")["security"][0] = {"other": []}


def _in_place(document: Document) -> None:
    """Writes a schema where a reference to it is."""
    document["components"]["schemas"]["NewThing"] = document["components"]["schemas"]["Value"]


def _in_one_part(document: Document) -> None:
    """Writes what two parts say together into one."""
    schema = value(document)
    schema["required"].append("kind")
    schema["properties"]["kind"] = {"type": "string"}
    document["components"]["schemas"]["Value"] = schema


def _path_shared_by_operations(document: Document) -> None:
    item = document["paths"]["/things/{id}"]
    item["parameters"], *_ = [item[method].pop("parameters") for method in ("get", "put", "delete")]


# Changes that break nobody, with the rules that tell them.
HARMLESS: list[tuple[Edit, set[str]]] = [
    (lambda d: d["info"].update(title="Other", description="Other", version="2"), set()),
    (lambda d: operation(d, "get").update(summary="Other", operationId="other"), set()),
    (change("name", description="Other", example="aa", title="x"), set()),
    (lambda d: d.update(paths=dict(reversed(d["paths"].items()))), set()),
    (lambda d: value(d).update(properties=dict(reversed(value(d)["properties"].items()))), set()),
    (shapes("Square", "Circle"), set()),
    (change("color", enum=["green", "red"]), set()),
    (lambda d: _renamed(d, "Value", "Renamed"), set()),
    (lambda d: _renamed(d, "Circle", "Round"), set()),
    (_with_another_name_in_the_path, set()),
    (_with_another_scheme_name, set()),
    (_in_place, set()),
    (_in_one_part, set()),
    (_path_shared_by_operations, set()),
    (
        lambda d: d["paths"].update(
            {"/news": {"get": {"responses": {"200": {"description": "x"}}}}}
        ),
        {"endpoint-added"},
    ),
    (lambda d: operation(d, "get").update(deprecated=True), {"endpoint-deprecated"}),
    (
        lambda d: d["paths"]["/things/{id}"].pop("delete"),
        {"api-removed-with-deprecation"},
    ),
    (
        added("size", is_required=False),
        {"new-optional-request-property", "response-optional-property-added"},
    ),
    (
        lambda d: operation(d, "get")["parameters"].append(
            {"name": "new", "in": "query", "schema": {"type": "string"}}
        ),
        {"new-optional-request-parameter"},
    ),
    (
        parameter(1, schema={"type": "string", "maxLength": 20}),
        {"request-parameter-max-length-increased"},
    ),
    (limit(maximum=200), {"request-parameter-max-increased"}),
    (limit(type="string", minimum=1), {"request-parameter-type-generalized"}),
    (language(enum=["de", "en", "fr"], default="en"), {"request-parameter-enum-value-added"}),
    (
        lambda d: operation(d, "post")["requestBody"].update(required=False),
        {"request-body-became-optional"},
    ),
    (
        lambda d: operation(d, "post")["requestBody"]["content"].update({"text/csv": {}}),
        {"request-body-media-type-added"},
    ),
    (
        lambda d: operation(d, "get")["responses"].pop("404"),
        {"response-non-success-status-removed"},
    ),
    (
        lambda d: operation(d, "get")["responses"].update({"409": {"description": "x"}}),
        {"response-non-success-status-added"},
    ),
    (
        lambda d: operation(d, "put", "/things/{id}")["responses"].update(
            {"200": {"description": "x"}}
        ),
        {"response-success-status-added"},
    ),
    (response(**{"X-New": {"schema": {"type": "string"}}}), {"response-header-added"}),
    (
        lambda d: operation(d, "get")["responses"]["200"]["content"].update({"text/plain": {}}),
        {"response-media-type-added"},
    ),
    (lambda d: operation(d, "post").update(security=[]), {"api-security-removed"}),
    (
        lambda d: operation(d, "post")["security"].append({"key": [], "login": []}),
        {"api-security-added"},
    ),
]
