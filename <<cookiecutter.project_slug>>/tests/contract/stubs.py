"""What tests of all operations go by: without stubs, and with what the chassis answers."""

from collections.abc import Mapping
from typing import Any

from tools.contract.operations import resolved

from chassis.contract.stubs import has_stub

METHODS = {"get", "put", "post", "patch", "delete"}
PROBLEMS = ("400", "401", "403", "404", "405", "408", "413", "415", "501", "503")
"""What the chassis answers, whatever the operation."""


def stubs(document: Mapping[str, Any]) -> list[str]:
    """Returns the operationId of each stub."""
    return [
        operation["operationId"]
        for item in document["paths"].values()
        for method, operation in item.items()
        if method in METHODS and has_stub(operation)
    ]


def without_stubs(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document without the operations that are stubs."""
    paths = {
        path: {
            key: value for key, value in item.items() if key not in METHODS or not has_stub(value)
        }
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def declares_problems(document: dict[str, Any]) -> bool:
    """Returns whether a document has the problems of the chassis; one from elsewhere may not."""
    return "Problem" in document.get("components", {}).get("responses", {})


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document whose operations may answer as the chassis does, also where one from elsewhere says otherwise."""
    if declares_problems(document):
        return document
    paths = {
        path: {
            key: _with_problems(document, value) if key in METHODS else value
            for key, value in item.items()
        }
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def _with_problems(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Returns an operation with the statuses that it lacks, and with the media type of problems beside its own."""
    responses: dict[str, Any] = dict(operation["responses"])
    if "default" not in responses:
        responses = {status: {"description": "A problem"} for status in PROBLEMS} | responses
    for status in {"default", *PROBLEMS} & responses.keys():
        response = resolved(document, responses[status])
        if "content" in response:
            content: dict[str, Any] = {**response["content"], "application/problem+json": {}}
            responses[status] = {**response, "content": content}
    return {**operation, "responses": responses}
