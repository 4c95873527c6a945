"""The routes of the contract, as Flask has them."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from connexion.decorators.parameter import sanitized

_VARIABLE = re.compile(r"\{([^}]*)\}")


def argument(name: str) -> str:
    """Returns the name of a handler's argument for a parameter in the path."""
    return sanitized(name.replace("-", "_"))  # type: ignore[no-any-return]


def path_arguments(parameters: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Returns the names of a handler's arguments for all parameters in the path."""
    return frozenset(argument(one["name"]) for one in parameters if one["in"] == "path")


def route(path: str, parameters: Iterable[Mapping[str, Any]]) -> str:
    """Returns the rule of a path. All values are texts in it: types are checked by the validator (400), not by the router (404).

    Args:
        path: as the document has it: `/things/{thing-id}`.
        parameters: those of the operation.
    """
    rest = {
        one["name"]
        for one in parameters
        if one["in"] == "path" and one.get("schema", {}).get("format") == "path"
    }

    def variable(found: re.Match[str]) -> str:
        converter = "path:" if found[1] in rest else ""
        return f"<{converter}{argument(found[1])}>"

    return _VARIABLE.sub(variable, path)


def shape(rule: str) -> str:
    """Returns what two rules have in common that differ in the names of their variables only."""
    return re.sub(r"<(path:)?[^<>]*>", r"<\1>", rule)
