"""An operation as the document describes it, with what its path says for all operations."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .references import References


class Operation(NamedTuple):
    """What a request and a response of an operation may have."""

    method: str
    parameters: list[dict[str, Any]]
    """Those of the path, too, unless the operation has one of the same name and place."""
    body: dict[str, Any]
    responses: dict[str, dict[str, Any]]
    keys_in_query: frozenset[str]
    """Names in the query that security schemes read."""


def find(document: Mapping[str, Any], references: References, path: str, method: str) -> Operation:
    """Returns an operation of a document.

    Args:
        document: as it is written.
        references: those of the document.
        path: as the document has it.
        method: in small letters.

    Raises:
        LookupError: a reference leads nowhere.
    """
    item = references.resolved(document["paths"][path])
    operation = references.resolved(item[method])
    parameters = {
        (parameter["name"], parameter["in"]): parameter
        for described in (item, operation)
        for parameter in map(references.resolved, described.get("parameters", []))
    }
    responses = operation.get("responses", {})
    schemes = document.get("components", {}).get("securitySchemes", {})
    keys = {
        scheme["name"]
        for scheme in map(references.resolved, schemes.values())
        if scheme.get("in") == "query" and operation.get("security", document.get("security"))
    }
    return Operation(
        method,
        list(parameters.values()),
        references.resolved(operation.get("requestBody", {})),
        {str(status): references.resolved(response) for status, response in responses.items()},
        frozenset(keys),
    )
