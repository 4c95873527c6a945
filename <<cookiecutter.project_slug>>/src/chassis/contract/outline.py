"""What Connexion needs of a document: its operations, without their schemas.

Connexion resolves every reference, also where an example only looks like one, and copies the document three times.
"""

from collections.abc import Mapping
from typing import Any

from connexion.spec import OpenAPISpecification

from .document import ContractError
from .references import References

METHODS = ("options", "head", "get", "put", "post", "patch", "delete", "trace")
"""What Flask would answer itself stands first, as the first route that fits is taken: OPTIONS of all, HEAD of GET."""

_CONTROLLER = "x-openapi-router-controller"
_FROM_SWAGGER = (
    "convert the document to OpenAPI 3.0, for instance with the npm package swagger2openapi"
)
_FROM_LATER = (
    "write `openapi: 3.0.3`, and what 3.1 has new as 3.0 has it,"
    " such as `nullable: true` for `type: [..., 'null']`"
)
_RESPONSES = {"default": {"description": "As the contract says"}}


def check(document: Mapping[str, Any]) -> None:
    """Checks that a document is valid OpenAPI 3.0.

    Raises:
        InvalidSpecification: it is not.
        ContractError: it is of another version; the message says what to do.
    """
    version = str(document.get("openapi"))
    if "swagger" in document:
        raise ContractError(f"Swagger {document['swagger']} is not served: {_FROM_SWAGGER}")
    if version.startswith(("3.1", "3.2")):
        raise ContractError(f"OpenAPI {version[:3]} is not served: {_FROM_LATER}")
    if not isinstance(document.get("openapi"), str):
        raise ContractError("there is no `openapi: 3.0.3` at the top")
    OpenAPISpecification._validate_spec({"components": {}, **document})


def outline(document: Mapping[str, Any], references: References) -> dict[str, Any]:
    """Returns the outline of a valid document.

    Args:
        document: as it is written.
        references: those of the document.

    Raises:
        UnresolvedReferenceError: a reference leads nowhere.
    """
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {
        **{
            key: value
            for key, value in document.items()
            if key in ("openapi", "info", "servers", "security")
        },
        "paths": {
            path: _item(references.resolved(item)) for path, item in document["paths"].items()
        },
        "components": {
            "securitySchemes": {
                name: references.resolved(scheme) for name, scheme in schemes.items()
            }
        },
    }


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {method: _operation(item[method], item) for method in METHODS if method in item}


def _operation(operation: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    shared = {_CONTROLLER: item[_CONTROLLER]} if _CONTROLLER in item else {}
    kept = ("operationId", "security", _CONTROLLER)
    return {
        **shared,
        **{key: value for key, value in operation.items() if key in kept},
        "responses": _RESPONSES,
    }
