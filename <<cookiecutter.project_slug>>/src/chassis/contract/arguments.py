"""The arguments of handlers: each handler gets what its signature names."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Call:
    """Calls a handler with those of its arguments that there are."""

    def __init__(self, handler: Callable[..., Any], always: frozenset[str]) -> None:
        """Reads the signature.

        Args:
            handler: the function of an operation.
            always: the names of arguments that it has to take.
        """
        parameters = inspect.signature(handler).parameters.values()
        self._handler = handler
        self._takes_all = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
        named = {one.name for one in parameters if one.kind not in _VARIABLE}
        self._names = named | always

    def __call__(self, arguments: dict[str, Any], context: Mapping[str, Any]) -> Any:
        """Returns what the handler returns.

        Args:
            arguments: what the request has, by the names of arguments.
            context: what security functions have found out; it goes before.
        """
        arguments.update(context)
        if not self._takes_all:
            arguments = {key: value for key, value in arguments.items() if key in self._names}
        return self._handler(**arguments)
