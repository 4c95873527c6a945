"""Flask-Injector, and Connexion handlers that get their services as arguments."""

import inspect
from collections.abc import Callable, Iterable
from functools import cache, partial
from types import FunctionType, SimpleNamespace
from typing import Any, get_type_hints

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
    wanted = _bindings(handler)
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
    call.__name__ = getattr(handler, "__name__", type(handler).__name__)
    call.__doc__ = handler.__doc__
    return call


def _bindings(handler: Callable[..., Any]) -> dict[str, type]:
    """Returns what a handler declares by `Inject`: a function, a partial one, or an object that can be called."""
    given: set[str] = set()
    while isinstance(handler, partial):
        given |= handler.keywords.keys()
        handler = handler.func
    if not inspect.isroutine(handler) and not inspect.isclass(handler):
        handler = handler.__call__  # type: ignore[operator]
    try:
        found = get_bindings(handler)
    except NameError:
        found = get_bindings(_with_known_annotations(handler))
    return {name: kind for name, kind in found.items() if name not in given}


def _with_known_annotations(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Returns the likeness of a function without the annotations whose names are there for type checking only."""
    function = inspect.unwrap(getattr(handler, "__func__", handler))
    known: dict[str, Any] = {}
    for name, annotation in function.__annotations__.items():
        try:
            one = SimpleNamespace(__annotations__={name: annotation}, __wrapped__=function)
            known |= get_type_hints(one, include_extras=True)
        except NameError as error:
            if "Inject[" in str(annotation):
                raise TypeError(f"the argument {name} of the handler: {error}") from error
    copy = FunctionType(function.__code__, {}, closure=function.__closure__)
    copy.__annotations__ = known
    return copy


def _provider(injector: Injector, interface: type) -> Callable[[], Any]:
    """Returns what gives the implementation: of a singleton always the same, without asking again."""
    binding, _ = injector.binder.get_binding(interface)
    if binding.scope is SingletonScope:
        instance: object = injector.get(interface)
        return lambda: instance
    return partial(injector.get, interface)
