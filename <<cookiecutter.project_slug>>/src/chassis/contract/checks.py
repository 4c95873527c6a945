"""What would make each call of an operation fail is found before the first one."""

import logging
import re
from collections.abc import Mapping
from typing import Any

from connexion.security import FlaskSecurityHandlerFactory

from .arguments import Call
from .document import MistakeError
from .keywords import keywords
from .mistakes import NO_PATTERN, reason_of
from .operation import Operation
from .references import References
from .routing import path_arguments
from .schemas import is_pattern
from .stubs import is_stub

log = logging.getLogger(__name__)

_VARIABLE = re.compile(r"\{([^}]*)\}")
_OF_SECURITY = frozenset(("user", "token_info"))


def check_document(document: Mapping[str, Any], references: References) -> None:
    """Checks what is not looked at before it is needed, such as the schemas of responses.

    Raises:
        UnresolvedReferenceError: a reference leads nowhere.
        MistakeError: a pattern cannot be compiled.
    """
    patterns: set[str] = set()
    for place, value in keywords(document):
        if not isinstance(value, str):
            continue
        if place[-1] == "$ref":
            references.resolved({"$ref": value})
        elif place[-1] == "pattern" and value not in patterns:
            if not is_pattern(value):
                raise MistakeError(NO_PATTERN, *place)
            patterns.add(value)


def check_path(path: str, operation: Operation) -> None:
    """Checks that the path and its parameters have the same names.

    Raises:
        MistakeError: they do not.
    """
    variables = set(_VARIABLE.findall(path))
    declared = {one["name"] for one in operation.parameters if one["in"] == "path"}
    for name in sorted(variables - declared):
        raise MistakeError(f"there is no parameter for {{{name}}} in the path")
    for name in sorted(declared - variables):
        raise MistakeError(f"the path has no {{{name}}} for the parameter {name}")


def check_arguments(
    call: Call, operation: Operation, sent: frozenset[str], sometimes: frozenset[str]
) -> None:
    """Checks that a handler can be called.

    Args:
        call: calls the handler.
        operation: its operation.
        sent: the names of arguments that each request has.
        sometimes: those that a request may leave out.

    Raises:
        MistakeError: a call would fail.
    """
    known = sent | (_OF_SECURITY if operation.security else frozenset())
    for name in call.required():
        if name in sometimes - known:
            raise MistakeError(
                f"the handler needs a default for the argument {name}, which a request may leave out"
            )
        if name not in known:
            raise MistakeError(f"the handler needs the argument {name}, which no request has")
    if not call.takes_all:
        for name in sorted(path_arguments(operation.parameters) - call.names):
            raise MistakeError(f"the handler does not take the argument {name} of the path")


def check_security(
    operation: Operation, factory: FlaskSecurityHandlerFactory, *, required: bool
) -> None:
    """Checks that the security schemes of an operation are there, and can let somebody in.

    Args:
        operation: has the security schemes.
        factory: finds their functions.
        required: whether it is a mistake that nobody can be let in. If not, that is worth a line, and a stub is
            not even that: its answers say it.

    Raises:
        MistakeError: there is no such scheme, or it refuses each call: it has no function, or a stub.
    """
    names = [name for requirement in operation.security for name in requirement]
    for name in names:
        if name not in operation.schemes:
            raise MistakeError(f"there is no security scheme {name}", "security")
    without = {
        name: _lacks(name, operation.schemes[name], factory, stubs=not required) for name in names
    }
    if all(any(without[name] for name in requirement) for requirement in operation.security):
        for name in filter(without.get, names):
            reason = f"the security scheme {name} {without[name]}"
            if required:
                raise MistakeError(reason, "security")
            log.warning("contract: %s", reason)
            return


def _lacks(
    name: str, scheme: Mapping[str, Any], factory: FlaskSecurityHandlerFactory, *, stubs: bool
) -> str | None:
    """Returns what a security scheme lacks, and how each call ends."""
    finders = {
        "oauth2": ("x-tokenInfoFunc", factory.get_tokeninfo_func),
        "basic": ("x-basicInfoFunc", factory.get_basicinfo_func),
        "bearer": ("x-bearerInfoFunc", factory.get_bearerinfo_func),
        "apiKey": ("x-apikeyInfoFunc", factory.get_apikeyinfo_func),
    }
    kind = scheme["scheme"].lower() if scheme["type"] == "http" else scheme["type"]
    if scheme.get("x-authentication-scheme", "").lower() == "bearer":
        kind = "bearer"
    if kind not in finders:
        return f"is of the kind {kind}, which Connexion does not know, so each call is a 401"
    key, find = finders[kind]
    try:
        function = find(scheme)
        if not function:
            return f"has no {key}, so each call is a 401"
        if is_stub(function) and not stubs:
            return "has a stub as its function, so each call is a 501"
        return None
    except (ImportError, AttributeError) as error:
        raise MistakeError(
            f"there is no {key} for the security scheme {name}: {reason_of(error)}", "security"
        ) from error
