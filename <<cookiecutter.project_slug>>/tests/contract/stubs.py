"""Which operations are stubs: tests of what operations do leave them out."""

from collections.abc import Mapping
from pkgutil import resolve_name
from typing import Any

from chassis.contract.stubs import is_stub

METHODS = {"get", "put", "post", "patch", "delete"}


def has_stub(operation: Mapping[str, Any]) -> bool:
    """Returns whether the function of an operation does nothing but answer 501."""
    controller = operation.get("x-openapi-router-controller")
    name = ".".join(filter(None, [controller, operation["operationId"]]))
    return is_stub(resolve_name(name))


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
