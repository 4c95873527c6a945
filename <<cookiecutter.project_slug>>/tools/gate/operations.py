"""The operations of a contract, by what clients ask for."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ..contract.operations import METHODS, base_path
from .nodes import Document

_VARIABLE = re.compile(r"\{([^}]*)\}")

Key = tuple[str, str]
"""The method, and the path without the names of its parameters."""


class Operation(NamedTuple):
    """An operation of a contract."""

    document: Document
    method: str
    path: str
    """With the base path."""
    written_path: str
    """As the document has it."""
    shared: Mapping[str, Any]
    """What the path has for all of its operations."""
    definition: Mapping[str, Any]
    parameters: dict[tuple[str, str], Mapping[str, Any]]
    """By the place of the parameter, and by its name; in the path, by its number."""

    @property
    def name(self) -> str:
        """The method and the path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def is_deprecated(self) -> bool:
        """Whether clients know that it is going to be removed."""
        return bool(self.definition.get("deprecated"))

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of requests; empty if there is none."""
        return self.document.resolved(self.definition.get("requestBody", {}))

    @property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """The responses by their statuses."""
        found = self.definition.get("responses", {})
        return {str(status): self.document.resolved(one) for status, one in found.items()}


def operations(contents: Iterable[Mapping[str, Any]]) -> dict[Key, Operation]:
    """Returns the operations of all documents that a service serves."""
    found = [one for content in contents for one in _of(Document(content))]
    return {(one.method, shape(one.path)): one for one in found}


def shape(path: str) -> str:
    """Returns a path without the names of its parameters: clients do not see them."""
    return _VARIABLE.sub("{}", path)


def _of(document: Document) -> Iterator[Operation]:
    base = base_path(document.content)
    for path, item in document.content.get("paths", {}).items():
        item = document.resolved(item)
        shared = {key: value for key, value in item.items() if key not in METHODS}
        for method in (key for key in item if key in METHODS):
            parameters = _parameters(document, path, shared, item[method])
            yield Operation(document, method, base + path, path, shared, item[method], parameters)


def _parameters(
    document: Document, path: str, shared: Mapping[str, Any], operation: Mapping[str, Any]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    names = _VARIABLE.findall(path)
    parameters: dict[tuple[str, str], Mapping[str, Any]] = {}
    for described in (shared, operation):
        for parameter in map(document.resolved, described.get("parameters", [])):
            place, name = parameter["in"], parameter["name"]
            if place == "path" and name in names:
                name = str(names.index(name))
            parameters[place, name.lower() if place == "header" else name] = parameter
    return parameters
