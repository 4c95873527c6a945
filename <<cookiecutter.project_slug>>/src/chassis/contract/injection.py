"""Flask-Injector, and Connexion handlers that get their services as arguments."""

import inspect
from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from connexion.resolver import Resolver
from flask import Flask
from flask_injector import FlaskInjector
from injector import Binder, Injector, Module, SingletonScope, get_bindings

Configuration = Module | Callable[[Binder], None]
"""What makes bindings."""


class InjectingResolver(Resolver):
    """Finds the handler of an operation and wraps it so that it gets what it declares by `Inject`."""

    def __init__(self, injector: Injector) -> None:
        super().__init__()
        self._injector = injector

    def resolve_function_from_operation_id(self, operation_id: str) -> Callable[..., Any]:
        handler = super().resolve_function_from_operation_id(operation_id)
        return _inject(handler, self._injector)


def init_app(app: Flask, injector: Injector, modules: Iterable[Configuration] = ()) -> None:
    """Installs Flask-Injector: the request scope, and injection into the views registered so far.

    Args:
        app: the application, with all its views.
        injector: has the service's bindings.
        modules: bindings that override them.
    """
    FlaskInjector(app=app, injector=injector, modules=modules)
    app.extensions["injector"] = injector


def _inject(handler: Callable[..., Any], injector: Injector) -> Callable[..., Any]:
    # What to inject is looked up once, not on each call.
    wanted = get_bindings(handler)
    if not wanted:
        return handler

    @cache
    def providers() -> list[tuple[str, Callable[[], Any]]]:
        return [(name, _provider(injector, interface)) for name, interface in wanted.items()]

    def call(**arguments: Any) -> Any:
        for name, provide in providers():
            arguments[name] = provide()
        return handler(**arguments)

    # Connexion passes what the signature names: only what the contract has is left in it.
    # Without annotations Flask-Injector leaves the function alone.
    signature = inspect.signature(handler)
    visible = [p for name, p in signature.parameters.items() if name not in wanted]
    call.__signature__ = signature.replace(parameters=visible)  # type: ignore[attr-defined]
    call.__annotations__ = {}
    call.__name__, call.__doc__ = handler.__name__, handler.__doc__
    return call


def _provider(injector: Injector, interface: type) -> Callable[[], Any]:
    """Returns what gives the implementation: of a singleton always the same, without asking again."""
    binding, _ = injector.binder.get_binding(interface)
    if binding.scope is SingletonScope:
        instance: object = injector.get(interface)
        return lambda: instance
    return partial(injector.get, interface)
