"""Example bodies: what the contract gives as examples is what people and tests send."""

from collections.abc import Mapping
from typing import Any

from connexion.json_schema import resolve_refs

from .schemas import compile_schema, merged
from .violations import violations_of

METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options", "trace"})
MEDIA_TYPE = "application/json"
LONGEST_NUMBER = 99_999


class MissingExampleError(ValueError):
    """The contract lacks an example; the message names the place."""


def example_body(document: Mapping[str, Any], operation_id: str) -> Any:
    """Returns the example of an operation's JSON body.

    An example of the body is taken, or of its schema, or one is made of the examples of its properties.

    Args:
        document: the contract as it is written, with its references.
        operation_id: the operation's.

    Raises:
        LookupError: there is no such operation, or it takes no JSON.
        MissingExampleError: what is required has no example.
    """
    return _of_operation(document, _operation(document, operation_id), operation_id)


def numbered_texts(document: Mapping[str, Any], operation_id: str) -> list[str]:
    """Returns the properties of an operation's example that are texts, and stay valid with a number behind.

    Raises:
        LookupError: there is no such operation, or it takes no JSON.
        MissingExampleError: what is required has no example.
    """
    example = example_body(document, operation_id)
    operation = _operation(resolve_refs(document), operation_id)
    schema = merged(operation["requestBody"]["content"][MEDIA_TYPE].get("schema", {}))
    return [
        name
        for name, inner in schema.get("properties", {}).items()
        if isinstance(example, dict)
        and isinstance(example.get(name), str)
        and compile_schema(inner).is_valid(f"{example[name]} {LONGEST_NUMBER}")
    ]


def example_faults(document: Mapping[str, Any]) -> list[str]:
    """Returns what is wrong with the examples of JSON bodies: that one is missing, or not valid."""
    resolved = resolve_refs(document)
    faults = []
    for item in resolved["paths"].values():
        for method in METHODS & item.keys():
            operation = item[method]
            content = operation.get("requestBody", {}).get("content", {})
            if MEDIA_TYPE not in content:
                continue
            name = operation["operationId"]
            try:
                example = example_body(document, name)
            except MissingExampleError as error:
                faults.append(str(error))
            else:
                validator = compile_schema(content[MEDIA_TYPE].get("schema", {}))
                faults.extend(
                    f"the example of {name}: {violation.pointer} {violation.detail}"
                    for violation in violations_of(validator, example, "body", [])
                )
    return faults


def collections(document: Mapping[str, Any]) -> dict[str, str]:
    """Returns the operations that create what their JSON body describes, by their paths.

    Args:
        document: the contract as it is written, with its references.
    """
    found = {}
    for path, item in document["paths"].items():
        operation = item.get("post", {})
        body = _resolved(document, operation.get("requestBody", {}))
        creates = "201" in map(str, operation.get("responses", {}))
        if "{" not in path and creates and MEDIA_TYPE in body.get("content", {}):
            found[path] = operation["operationId"]
    return found


def _operation(document: Mapping[str, Any], operation_id: str) -> dict[str, Any]:
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            if item[method].get("operationId") == operation_id:
                operation: dict[str, Any] = item[method]
                return operation
    raise LookupError(f"the contract has no operation {operation_id}")


def _of_operation(document: Mapping[str, Any], operation: Mapping[str, Any], name: str) -> Any:
    body = _resolved(document, operation.get("requestBody", {}))
    try:
        media = body["content"][MEDIA_TYPE]
    except KeyError:
        raise LookupError(f"the operation {name} takes no JSON") from None
    if "example" in media:
        return media["example"]
    for example in media.get("examples", {}).values():
        return _resolved(document, example)["value"]
    return _of_schema(document, media.get("schema", {}), f"the body of {name}")


def _of_schema(document: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Any:
    schema = merged(_with_resolved_parts(document, _resolved(document, schema)))
    for keyword in ("example", "default"):
        if keyword in schema:
            return schema[keyword]
    if "enum" in schema:
        return schema["enum"][0]
    if "properties" in schema:
        return _of_properties(document, schema, place)
    if schema.get("type") == "array" and "items" in schema:
        return [_of_schema(document, schema["items"], f"{place}, items")]
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            return _of_schema(document, schema[keyword][0], place)
    raise MissingExampleError(f"the contract has no example: {place}")


def _of_properties(document: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Any:
    required = schema.get("required", ())
    result = {}
    for name, inner in schema["properties"].items():
        if _resolved(document, inner).get("readOnly"):
            continue
        try:
            result[name] = _of_schema(document, inner, f"{place}, {name}")
        except MissingExampleError:
            if name in required:
                raise
    return result


def _with_resolved_parts(document: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    parts = [
        _with_resolved_parts(document, _resolved(document, part))
        for part in schema.get("allOf", [])
    ]
    return {**schema, "allOf": parts} if parts else dict(schema)


def _resolved(document: Mapping[str, Any], value: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in value:
        target: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        value = target
    return value
