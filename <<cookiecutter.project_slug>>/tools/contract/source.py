"""A document from elsewhere, made ready to be served."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from chassis.contract import ContractError, read_contract

from .names import function_name, module_name, unique
from .operations import CONTROLLER, METHODS
from .project import Project
from .security import new_function, schemes
from .yaml_text import YamlText

# Directories of tests that are not those of operations.
_TAKEN = {"chassis", "contract"}


class Source:
    """A document whose operations have names and modules."""

    def __init__(self, path: Path, project: Project) -> None:
        """Reads a document, and names what it does not name.

        Args:
            path: the file, YAML or JSON.
            project: the service that is going to serve it.

        Raises:
            ContractError: it cannot be served; the message says why in a sentence.
        """
        self._project = project
        self.document = read_source(path)
        self.text = YamlText(_yaml(path.read_text(encoding="utf-8"), self.document))
        self._named: set[str] = set()
        for place, operation in self.operations():
            self._name(place, operation)
        for scheme in schemes(self.document):
            if not scheme.function:
                function = new_function(project.package, scheme)
                self.text.set(("components", "securitySchemes", scheme.name), scheme.key, function)

    def operations(self) -> Iterator[tuple[tuple[str, str, str], dict[str, Any]]]:
        """Yields the operations and their places."""
        for path, item in self.document["paths"].items():
            for method in item:
                if method in METHODS:
                    yield ("paths", path, method), item[method]

    def _name(self, place: tuple[str, str, str], operation: Mapping[str, Any]) -> None:
        _, path, method = place
        given = str(operation.get("operationId", ""))
        name = unique(function_name(given) or function_name(f"{method} {path}"), self._named)
        self._named.add(name)
        if name != given:
            self.text.set(place, "operationId", name)
        controller = str(operation.get(CONTROLLER, ""))
        if controller.partition(".")[0] != self._project.package:
            self.text.set(place, CONTROLLER, self._controller(path, operation))

    def _controller(self, path: str, operation: Mapping[str, Any]) -> str:
        groups = [*operation.get("tags", []), *re.findall(r"/([^/{]+)", path), "root"]
        group = next(filter(None, map(module_name, map(str, groups))))
        module = self._project.sources / self._project.package / f"{group}.py"
        if group in _TAKEN or module.exists():
            group = f"{group}_api"
        return f"{self._project.package}.{group}.api"


def read_source(path: Path) -> dict[str, Any]:
    """Reads a document from elsewhere.

    Raises:
        ContractError: it is not OpenAPI 3.0 in one file; the message says why in a sentence.
    """
    if not path.is_file():
        raise ContractError(f"{path}: there is no such file")
    try:
        document = read_contract(path)
    except ContractError as error:
        raise ContractError(f"{path}: {error}") from error
    if reason := _why_not(document):
        raise ContractError(f"{path}: {reason}")
    return document


def _why_not(document: Mapping[str, Any]) -> str | None:
    """Returns why a document cannot be served."""
    version = str(document.get("openapi", ""))
    if "swagger" in document:
        return (
            f"it is Swagger {document['swagger']}; convert it to OpenAPI 3.0, for example by"
            " `npx swagger2openapi`"
        )
    if not version.startswith("3.0"):
        return f"its version of OpenAPI is {version or 'missing'}; Connexion serves 3.0"
    if not document.get("paths"):
        return "it has no paths"
    files = sorted(set(_references(document)))
    if files:
        return f"it refers to another file ({files[0]}); join its files first"
    return None


def _references(node: Any) -> Iterator[str]:
    """Yields references that lead out of a document."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            yield reference
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        yield from _references(inner)


def _yaml(text: str, document: Mapping[str, Any]) -> str:
    """Returns a document as YAML; that which is YAML as it is."""
    try:
        json.loads(text)
    except ValueError:
        return text
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
