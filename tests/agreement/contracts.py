"""Compare a service with Connexion on contracts and requests that are generated: contracts.py EXAMPLES

Runs in the environment of a generated service. Prints how many requests both accepted and refused, as JSON; ends with status 1
and a contract with a request on which they do not agree. What docs/contract.md lists as different is not generated.
"""

import json
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import flask
from apps import HANDLERS, Handlers, plain, service_app, stock_app
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

REQUESTS = 8
NAMES = ("a", "b", "c")
WORDS = st.text("abcxyz", min_size=1, max_size=4)
INTEGERS = st.integers(-20, 20)
# Texts of any type, in the way that JSON writes them.
TEXTS = st.one_of(
    WORDS,
    INTEGERS.map(str),
    st.sampled_from(["1.5", "-0.25", "1e2", "true", "false", "null", "0"]),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | st.sampled_from([0.5, -1.5]) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
DELIMITERS = {"form": ",", "pipeDelimited": "|", "spaceDelimited": " "}
FORMATS = {
    "date": st.dates().map(str),
    "uuid": st.uuids().map(str),
    "date-time": st.just("2026-02-03T04:05:06Z"),
}

Schema = dict[str, Any]
Request = dict[str, Any]


@st.composite
def scalars(draw: st.DrawFn) -> Schema:
    """Schemas of a single value."""
    kind = draw(st.sampled_from(["integer", "number", "boolean", "string", "enum", "format"]))
    schema: Schema = {"type": kind if kind not in ("enum", "format") else "string"}
    match kind:
        case "integer" | "number":
            schema |= draw(limits("minimum", "maximum"))
        case "string":
            schema |= draw(limits("minLength", "maxLength"))
        case "enum":
            schema["enum"] = draw(st.lists(WORDS, min_size=1, max_size=3, unique=True))
        case "format":
            schema["format"] = draw(st.sampled_from(sorted(FORMATS)))
    return schema


@st.composite
def limits(draw: st.DrawFn, least: str, most: str) -> Schema:
    """The two limits of a schema; each may be missing."""
    low = draw(st.integers(0, 4))
    high = draw(st.integers(low, 12))
    return {key: value for key, value in ((least, low), (most, high)) if draw(st.booleans())}


def schemas() -> st.SearchStrategy[Schema]:
    """Schemas of bodies."""
    return st.recursive(scalars().flatmap(nullable), compound, max_leaves=5)


def nullable(schema: Schema) -> st.SearchStrategy[Schema]:
    """A schema that may allow null; an enumeration has to name it."""
    extra = {"nullable": True}
    if "enum" in schema:
        extra["enum"] = [*schema["enum"], None]  # type: ignore[assignment]
    return st.sampled_from([schema, schema | extra])


@st.composite
def compound(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    """Schemas that have others."""
    match draw(st.sampled_from(["object", "array", "oneOf", "anyOf", "allOf"])):
        case "object":
            return draw(objects(inner))
        case "array":
            return {"type": "array", "items": draw(inner), **draw(limits("minItems", "maxItems"))}
        case "allOf":
            return {"allOf": draw(st.lists(objects(inner), min_size=1, max_size=2))}
        case choice:
            # Connexion does not know the formats, so it would find other choices.
            options = draw(st.lists(inner, min_size=1, max_size=3))
            return {choice: [without_formats(option) for option in options]}


def without_formats(schema: Any) -> Any:
    """Returns a schema in which no text has a format."""
    if isinstance(schema, list):
        return [without_formats(inner) for inner in schema]
    if isinstance(schema, dict):
        return {k: without_formats(inner) for k, inner in schema.items() if k != "format"}
    return schema


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    """Schemas of objects."""
    properties = draw(st.dictionaries(st.sampled_from(NAMES), inner, min_size=1))
    schema: Schema = {"type": "object", "properties": properties}
    if required := draw(st.lists(st.sampled_from(sorted(properties)), unique=True)):
        schema["required"] = required
    if draw(st.booleans()):
        schema["additionalProperties"] = draw(st.just(False) | scalars())
    return schema


@st.composite
def parameters(draw: st.DrawFn, name: str) -> Schema:
    """Parameters of each place; those of the path are texts, as another type is a 400 here and a 404 there."""
    place = draw(st.sampled_from(["query", "query", "header", "cookie"]))
    schema = draw(scalars())
    made: Schema = {"name": name, "in": place, "required": draw(st.booleans())}
    if place == "query" and draw(st.booleans()):
        schema = {"type": "array", "items": schema, **draw(limits("minItems", "maxItems"))}
        made["style"] = draw(st.sampled_from(sorted(DELIMITERS)))
        made["explode"] = made["style"] == "form" and draw(st.booleans())
    return made | {"schema": schema}


@st.composite
def operations(draw: st.DrawFn) -> Schema:
    """Operations with parameters, and with a body or without one."""
    made: Schema = {"parameters": [draw(parameters(f"p{name}")) for name in draw(names())]}
    kind = draw(st.sampled_from([None, "application/json", "application/x-www-form-urlencoded"]))
    if kind:
        is_form = kind != "application/json"
        schema = draw(objects(scalars()) if is_form else schemas())
        body = {"content": {kind: {"schema": schema}}, "required": True}
        made["requestBody"] = body
    return made


def names() -> st.SearchStrategy[list[str]]:
    """One or several names, each once."""
    return st.lists(st.sampled_from(NAMES), min_size=1, unique=True)


@st.composite
def requests(draw: st.DrawFn, operation: Schema) -> Request:
    """Requests that are mostly valid."""
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    cookies = []
    for parameter in operation["parameters"]:
        if draw(st.integers(0, 19 if parameter["required"] else 3)) == 0:
            continue
        name, schema = parameter["name"], parameter["schema"]
        if schema["type"] == "array":
            least = schema.get("minItems") or 1
            elements = draw(st.lists(texts(schema["items"]), min_size=least, max_size=least + 2))
            if not parameter["explode"]:
                elements = [DELIMITERS[parameter["style"]].join(elements)]
            query += [(name, element) for element in elements]
        elif parameter["in"] == "query":
            query.append((name, draw(texts(schema))))
        elif parameter["in"] == "header":
            headers[name] = draw(texts(schema))
        else:
            cookies.append(f"{name}={draw(texts(schema))}")
    if draw(st.integers(0, 19)) == 0:
        query.append(("unknown", "1"))
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    request: Request = {"query_string": urlencode(query, quote_via=quote), "headers": headers}
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = content["schema"]
        if media_type == "application/json":
            request["data"] = json.dumps(draw(values(schema)))
        else:
            fields = {
                n: draw(texts(s)) for n, s in schema["properties"].items() if draw(sent(n, schema))
            }
            name, first = next(iter(schema["properties"].items()))
            request["data"] = urlencode(fields or {name: draw(texts(first))})
        request["content_type"] = media_type
    return request


def sent(name: str, schema: Schema) -> st.SearchStrategy[bool]:
    """Whether a property is there: nearly always if it is required."""
    is_required = name in schema.get("required", ())
    return st.sampled_from([True] * (15 if is_required else 2) + [False])


@st.composite
def texts(draw: st.DrawFn, schema: Schema) -> str:
    """Texts for a single value; one with a format has it, as Connexion does not know the formats."""
    if "format" not in schema and draw(st.integers(0, 14)) == 0:
        return draw(TEXTS)
    value = draw(single(schema))
    return value if isinstance(value, str) else json.dumps(value)


def single(schema: Schema) -> st.SearchStrategy[Any]:
    """Values for a schema of a single value."""
    if "format" in schema:
        return FORMATS[schema["format"]]
    if "enum" in schema:
        return st.sampled_from([value for value in schema["enum"] if value is not None])
    least, most = schema.get("minimum", -20), schema.get("maximum", 20)
    match schema["type"]:
        case "integer":
            return st.integers(least, most)
        case "number":
            return st.integers(least, most) | st.sampled_from([0.5, 2.25, 1e2])
        case "boolean":
            return st.booleans()
    shortest, longest = schema.get("minLength", 1), schema.get("maxLength", 8)
    return st.text("abcxyz", min_size=shortest, max_size=max(shortest, longest))


@st.composite
def values(draw: st.DrawFn, schema: Schema) -> Any:
    """Values of JSON for a schema; now and then of another type."""
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return draw(values(draw(st.sampled_from(schema[keyword]))))
    if "allOf" in schema:
        found: dict[str, Any] = {}
        for part in schema["allOf"]:
            found |= draw(values(part).filter(lambda value: isinstance(value, dict)))
        return found
    if "format" in schema:
        return draw(FORMATS[schema["format"]])
    is_object = schema["type"] == "object"
    # A text in the place of an object could be one without the format that a property has.
    if draw(st.integers(0, 14)) == 0 and not is_object:
        return draw(JSON_VALUES)
    match schema["type"]:
        case "object":
            found = {
                n: draw(values(s)) for n, s in schema["properties"].items() if draw(sent(n, schema))
            }
            others = schema.get("additionalProperties")
            if isinstance(others, dict) and draw(st.booleans()):
                found["other"] = draw(values(others))
            return found
        case "array":
            least = schema.get("minItems", 0)
            return draw(st.lists(values(schema["items"]), min_size=least, max_size=least + 2))
    return draw(single(schema))


def document(operation: Schema) -> dict[str, Any]:
    """Returns a contract with one operation, whose path has a text."""
    thing = {"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}}
    described = {
        **operation,
        "parameters": [thing, *operation["parameters"]],
        "operationId": "handle",
        "x-openapi-router-controller": HANDLERS,
        "responses": {"204": {"description": "Fine"}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Generated", "version": "1"},
        "servers": [{"url": "/v1"}],
        "paths": {"/things/{thing}": {"post": described}},
    }


def ask(app: flask.Flask, request: Request, handlers: Handlers) -> tuple[int, Any]:
    """Returns the status, and what the handler got."""
    handlers.received = None
    client = app.test_client(use_cookies=False)
    response = client.post("/v1/things/word", **request)
    return response.status_code, plain(handlers.received)


def compare(examples: int) -> Counter[str]:
    """Compares on some contracts, with several requests each.

    Raises:
        AssertionError: the two do not agree.
    """
    handlers, counts = Handlers(), Counter[str]()
    file = Path(tempfile.mkdtemp(), "openapi.yaml")

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 100,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        operation = data.draw(operations())
        content = document(operation)
        file.write_text(json.dumps(content), encoding="utf-8")
        apps = service_app(file), stock_app(content)
        for _ in range(REQUESTS):
            request = data.draw(requests(operation))
            own, stock = (ask(app, request, handlers) for app in apps)
            counts["accepted" if own[0] < 400 else "refused"] += 1
            assert own == stock, f"{json.dumps(operation)}\n{request}\n  {own}\n  {stock}"

    check()
    return counts


if __name__ == "__main__":
    logging.disable()
    try:
        print(json.dumps(compare(int(sys.argv[1]))))
    except AssertionError as disagreement:
        sys.exit(str(disagreement))
