"""The released contract as its clients may ask by it: without what is accepted as a break, and open to what is new."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chassis.contract.keywords import holds_names, is_data

from .operations import Operation, operations

_SCHEMAS = "#/components/schemas/"
_RECEIVED = ".received"


def asked(
    released: Mapping[str, Any],
    contracts: Iterable[Mapping[str, Any]],
    left_out: Collection[str],
    stubs: Collection[str],
) -> dict[str, Any]:
    """Returns the document by which clients ask and judge the answers.

    Args:
        released: a document of the last release.
        contracts: the documents of today.
        left_out: operations, by method and path.
        stubs: the operationIds of today's operations that are still to be written.
    """
    after = operations(contracts)
    paths: dict[str, dict[str, Any]] = {}
    for key, old in operations([released]).items():
        new = after.get(key)
        if new and old.name not in left_out and new.definition.get("operationId") not in stubs:
            inside = paths.setdefault(old.written_path, dict(old.shared))
            inside[old.method] = {**old.definition, "responses": _responses(old, new)}
    components = released.get("components", {})
    schemas = components.get("schemas", {})
    received = {f"{name}{_RECEIVED}": _open(schema) for name, schema in schemas.items()}
    return {
        **released,
        "paths": paths,
        "components": {**components, "schemas": {**schemas, **received}},
    }


def _responses(old: Operation, new: Operation) -> dict[str, Any]:
    """Returns the old responses, with the statuses and media types that are new."""
    responses = {status: dict(_open(response)) for status, response in old.responses.items()}
    for status, response in new.responses.items():
        known = responses.setdefault(status, {"description": "New", "content": {}})
        if "content" in known:
            new_types: dict[str, Any] = {kind: {} for kind in response.get("content", {})}
            known["content"] = {**new_types, **known["content"]}
    return responses


def _open(node: Any, *, names: bool = False) -> Any:
    """Returns a copy in which objects may have properties that are new."""
    if isinstance(node, list):
        return [_open(one) for one in node]
    if not isinstance(node, dict):
        return node
    if names:
        return {name: _open(value) for name, value in node.items()}
    if str(node.get("$ref")).startswith(_SCHEMAS):
        return {"$ref": f"{node['$ref']}{_RECEIVED}"}
    return {
        # With unknown properties, several alternatives may fit.
        "anyOf" if key == "oneOf" else key: value
        if is_data(key)
        else _open(value, names=holds_names(key, value))
        for key, value in node.items()
        if key != "additionalProperties" or value is not False
    }
