"""Stubs: operations of the contract whose code is still to be written; `make contract` adds them."""

from werkzeug.exceptions import NotImplemented as NotImplementedStatus

__all__ = ["OperationNotImplementedError"]


class OperationNotImplementedError(NotImplementedStatus):
    """A stub raises it; the answer is a 501 problem."""

    description = "This operation is not implemented yet."
