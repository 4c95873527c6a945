"""Checks requests against the contract: schemas are compiled once, a refusal lists every violation."""

from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request as flask_request

from .bodies import Body
from .compilers import Compilers
from .lazy_request import LazyRequest
from .operation import Operation
from .parameters import Parameters
from .violations import Violation

_WITH_BODY = {"post", "put", "patch"}


class InvalidRequestError(Exception):
    """The request does not keep to the contract."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(f"{len(violations)} violations")
        self.violations = violations


class RequestValidator:
    """The compiled contract of one operation."""

    def __init__(self, operation: Operation, compilers: Compilers) -> None:
        """Compiles the parameters and the body.

        Args:
            operation: one of the document.
            compilers: those of the document.

        Raises:
            UnresolvedReferenceError: a reference leads nowhere.
            ValueError: a pattern cannot be compiled.
        """
        self._parameters = Parameters(operation.parameters, compilers, operation.keys_in_query)
        self._body = Body(operation.body, compilers) if operation.body else None
        self._takes_any_body = not self._body and operation.method in _WITH_BODY

    def names(self, *, always: bool) -> frozenset[str]:
        """Returns the names of arguments: of those that each request has, or of those that it may leave out."""
        names = self._parameters.arguments(always=always)
        if self._body:
            names |= {self._body.argument} if always else self._body.files
        elif self._takes_any_body and always:
            names |= {"body"}
        return names

    def arguments(self, request: LazyRequest) -> dict[str, Any]:
        """Returns what a request has for its handler, by the names of the handler's arguments.

        Raises:
            InvalidRequestError: it does not keep to the contract; has every violation.
            UnsupportedMediaType: the body is in a format that the operation does not take.
        """
        violations: list[Violation] = []
        if flask_request.query_string and not _is_utf_8(flask_request.query_string):
            violations.append(Violation("query", "#", "is not UTF-8"))
        arguments = self._parameters.read(request, violations)
        if self._body:
            arguments.update(self._body.read(flask_request, violations))
        elif self._takes_any_body:
            # As with Connexion: it is for handlers that ask for it.
            arguments["body"] = flask_request.get_json(silent=True) or {}
        if violations:
            raise InvalidRequestError(violations)
        return arguments


def _is_utf_8(text: bytes) -> bool:
    try:
        unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return False
    return True
