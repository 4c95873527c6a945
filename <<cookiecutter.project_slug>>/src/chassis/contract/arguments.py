"""The arguments of handlers: each handler gets what its signature names."""

import inspect
from collections.abc import Callable, Mapping
from inspect import Parameter
from typing import Any

_VARIABLE = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


class Call:
    """Calls a handler with those of its arguments that there are."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        """Reads the signature.

        Args:
            handler: the function of an operation.
        """
        parameters = inspect.signature(handler).parameters.values()
        self._handler = handler
        self.takes_all = any(one.kind is Parameter.VAR_KEYWORD for one in parameters)
        self.names = frozenset(one.name for one in parameters if one.kind not in _VARIABLE)

    def __call__(self, arguments: dict[str, Any], context: Mapping[str, Any]) -> Any:
        """Returns what the handler returns.

        Args:
            arguments: what the request has, by the names of arguments.
            context: what security functions have found out; it goes before.
        """
        arguments.update(context)
        if not self.takes_all:
            arguments = {key: value for key, value in arguments.items() if key in self.names}
        return self._handler(**arguments)

    def required(self) -> list[str]:
        """Returns the names of the arguments that a call has to have."""
        # What decorates a handler may give it arguments of its own.
        signature = inspect.signature(self._handler, follow_wrapped=False)
        return [
            one.name
            for one in signature.parameters.values()
            if one.kind not in _VARIABLE and one.default is Parameter.empty
        ]
