"""Stubs: operations of the contract whose code is still to be written; `make contract` adds them."""

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import NotImplemented as NotImplementedStatus

__all__ = ["OperationNotImplementedError", "is_stub"]


class OperationNotImplementedError(NotImplementedStatus):
    """A stub raises it; the answer is a 501 problem."""

    description = "This operation is not implemented yet."


def is_stub(function: Callable[..., Any]) -> bool:
    """Returns whether a function is still to be written: it names that error."""
    code = getattr(function, "__code__", None)
    return code is not None and OperationNotImplementedError.__name__ in code.co_names
