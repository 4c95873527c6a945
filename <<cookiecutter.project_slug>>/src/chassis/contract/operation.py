"""An operation as the document describes it, with what its path says for all operations."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .references import References


class Operation(NamedTuple):
    """What a request and a response of an operation may have."""

    method: str
    path: str
    parameters: list[dict[str, Any]]
    """Those of the path, too, unless the operation has one of the same name and place."""
    body: dict[str, Any]
    responses: dict[str, dict[str, Any]]
    security: list[dict[str, Any]]
    schemes: dict[str, dict[str, Any]]
    """The security schemes of the document."""

    @property
    def keys_in_query(self) -> frozenset[str]:
        """Names in the query that security schemes read."""
        used = {name for requirement in self.security for name in requirement}
        return frozenset(
            scheme["name"]
            for name, scheme in self.schemes.items()
            if name in used and scheme.get("in") == "query"
        )


def find(document: Mapping[str, Any], references: References, path: str, method: str) -> Operation:
    """Returns an operation of a document.

    Args:
        document: as it is written.
        references: those of the document.
        path: as the document has it.
        method: in small letters.

    Raises:
        UnresolvedReferenceError: a reference leads nowhere.
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
    return Operation(
        method,
        path,
        list(parameters.values()),
        references.resolved(operation.get("requestBody", {})),
        {str(status): references.resolved(response) for status, response in responses.items()},
        operation.get("security", document.get("security", [])),
        {name: references.resolved(scheme) for name, scheme in schemes.items()},
    )
