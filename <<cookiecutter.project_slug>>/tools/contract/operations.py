"""The operations of a contract, and what their functions get."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
CONTROLLER = "x-openapi-router-controller"
_WITH_BODY = ("put", "post", "patch")

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Argument:
    """An argument of the function of an operation."""

    name: str
    schema: Schema
    is_always_sent: bool
    is_of_path: bool = False


@dataclass(frozen=True)
class Operation:
    """An operation of the contract."""

    method: str
    path: str
    summary: str
    function: str | None
    """The function with its module; None if the contract does not name it."""
    arguments: list[Argument]
    body: Argument | None
    body_type: str | None
    """The media type that `body` has the schema of."""
    status: str
    """The first status of success."""
    response: Schema
    security: list[Mapping[str, Any]]
    """The ways in which a caller can be known, of which one is enough."""

    @property
    def name(self) -> str:
        """The method and the path."""
        return f"{self.method.upper()} {self.path}"


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Yields the operations of a document, in its order."""
    for path, item in document.get("paths", {}).items():
        item = resolved(document, item)
        for method in item:
            if method in METHODS:
                yield _operation(document, path, method, item)


def resolved(document: Mapping[str, Any], value: Any) -> Any:
    """Returns what a reference within the document leads to; a value that is none, as it is."""
    while isinstance(value, Mapping) and isinstance(value.get("$ref"), str):
        target: Any = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def base_path(document: Mapping[str, Any]) -> str:
    """Returns the path under which the operations are served: that of the first server."""
    server = (document.get("servers") or [{"url": ""}])[0]
    defaults = {key: value["default"] for key, value in server.get("variables", {}).items()}
    url: str = server["url"]
    return urlsplit(url.format(**defaults)).path.rstrip("/")


def media_type(content: Mapping[str, Any]) -> str | None:
    """Returns the media type of a body: JSON if it can be JSON."""
    is_json = re.compile(r"application/(.+\+)?json\b").match
    return next(filter(is_json, content), next(iter(content), None))


def _operation(
    document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]
) -> Operation:
    operation = item[method]
    parameters = {
        (parameter["name"], parameter["in"]): parameter
        for described in (item, operation)
        for parameter in (resolved(document, one) for one in described.get("parameters", []))
    }
    arguments = [
        argument
        for parameter in parameters.values()
        if parameter["in"] in ("path", "query")
        and (argument := _argument(document, parameter)).name
    ]
    request = resolved(document, operation.get("requestBody", {}))
    kind = media_type(request.get("content", {}))
    responses = {
        str(status): resolved(document, response)
        for status, response in operation.get("responses", {}).items()
    }
    status = next((status for status in responses if status.startswith("2")), "default")
    return Operation(
        method,
        path,
        " ".join(str(operation.get("summary", "")).split()),
        _function(operation),
        arguments,
        _body(document, request, kind) if kind and method in _WITH_BODY else None,
        kind,
        status,
        responses.get(status, {}),
        operation.get("security", document.get("security")) or [],
    )


def _function(operation: Mapping[str, Any]) -> str | None:
    name, controller = operation.get("operationId"), operation.get(CONTROLLER)
    if not name or ("." not in name and not controller):
        return None
    return f"{controller}.{name}" if controller else str(name)


def _argument(document: Mapping[str, Any], parameter: Mapping[str, Any]) -> Argument:
    content: Schema = next(iter(parameter.get("content", {}).values()), {})
    schema = parameter.get("schema", content.get("schema", {}))
    has_default = "default" in resolved(document, schema)
    is_of_path = parameter["in"] == "path"
    name = parameter["name"]
    return Argument(
        sanitized(name.replace("-", "_") if is_of_path else name),
        schema,
        is_of_path or bool(parameter.get("required")) or has_default,
        is_of_path,
    )


def _body(document: Mapping[str, Any], request: Mapping[str, Any], kind: str) -> Argument:
    schema = request["content"][kind].get("schema", {})
    name = request.get("x-body-name") or resolved(document, schema).get("x-body-name") or "body"
    return Argument(sanitized(name), schema, is_always_sent=bool(request.get("required")))


def sanitized(name: str) -> str:
    """Returns the argument that Connexion makes of the name of a parameter."""
    name = re.sub(r"\[(?!])", "_", name)
    return re.sub("^[^a-zA-Z_]+", "", re.sub("[^0-9a-zA-Z_]", "", name))
