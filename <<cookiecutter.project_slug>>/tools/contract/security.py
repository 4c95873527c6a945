"""Security schemes: the functions that tell who calls, and stubs of them, which let nobody in."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .imports import Imports
from .names import function_name
from .operations import Operation, resolved


class _Kind(NamedTuple):
    """A kind of schemes."""

    key: str
    """What names the function in the contract."""
    arguments: str
    what: str


_KINDS = {
    "apiKey": _Kind("x-apikeyInfoFunc", "apikey: str", "an API key"),
    "basic": _Kind("x-basicInfoFunc", "username: str, password: str", "a name and a password"),
    "bearer": _Kind("x-bearerInfoFunc", "token: str", "a token"),
    "oauth2": _Kind("x-tokenInfoFunc", "token: str", "a token"),
}


class Scheme(NamedTuple):
    """A security scheme that Connexion knows."""

    name: str
    key: str
    function: str | None
    """None if the contract does not name it."""
    kind: str

    def stub(self, imports: Imports) -> str:
        """Returns the function of the scheme, which answers 501."""
        error = imports.use("chassis.contract.stubs", "OperationNotImplementedError")
        result = f"dict[str, {imports.use('typing', 'Any')}] | None"
        _, arguments, what = _KINDS[self.kind]
        name = str(self.function).rpartition(".")[2]
        return (
            f"def {name}({arguments}) -> {result}:\n"
            f'    """Returns whom {what} belongs to, by `sub`; None if it is not valid.\n\n'
            f'    Security scheme {self.name}\n    """\n'
            f"    raise {error}\n"
        )


def schemes(document: Mapping[str, Any]) -> Iterator[Scheme]:
    """Yields the security schemes."""
    for name, scheme in _described(document).items():
        if kind := _KINDS.get(_kind(scheme)):
            yield Scheme(name, kind.key, scheme.get(kind.key), _kind(scheme))


def unknown(document: Mapping[str, Any]) -> list[str]:
    """Returns the security schemes that Connexion does not know."""
    return [name for name, one in _described(document).items() if _kind(one) not in _KINDS]


def new_function(package: str, scheme: Scheme) -> str:
    """Returns the name of the function that a scheme gets."""
    return f"{package}.security.{function_name(scheme.name) or 'scheme'}"


def credentials(document: Mapping[str, Any], operation: Operation) -> dict[str, str]:
    """Returns headers of a request with credentials of the first way that an operation allows."""
    headers: dict[str, str] = {}
    for name in next(iter(operation.security), {}):
        scheme = _described(document).get(name, {})
        match _kind(scheme), scheme.get("in"):
            case "basic", _:
                headers["Authorization"] = "Basic bmFtZTpwYXNzd29yZA=="
            case "bearer" | "oauth2", _:
                headers["Authorization"] = "Bearer token"
            case "apiKey", "header":
                headers[scheme["name"]] = "key"
            case "apiKey", "cookie":
                headers["Cookie"] = f"{scheme['name']}=key"
    return headers


def keys_in_query(document: Mapping[str, Any], operation: Operation) -> dict[str, str]:
    """Returns parameters of the query with such credentials."""
    found = [_described(document).get(name, {}) for name in next(iter(operation.security), {})]
    return {one["name"]: "key" for one in found if one.get("in") == "query"}


def _described(document: Mapping[str, Any]) -> dict[str, Any]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {name: resolved(document, scheme) for name, scheme in schemes.items()}


def _kind(scheme: Mapping[str, Any]) -> str:
    kind = scheme.get("type", "")
    return str(scheme.get("scheme", "")).lower() if kind == "http" else str(kind)
