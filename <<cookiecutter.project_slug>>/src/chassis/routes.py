"""The routes of requests, by the names that the contract gives them."""

import re
from collections.abc import Mapping
from functools import cache

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

__all__ = ["lost", "name", "path_template", "template"]

_NAMES = "path_templates"
_VARIABLE = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


def name(app: Flask, templates: Mapping[str, str]) -> None:
    """Names routes.

    Args:
        app: the application.
        templates: the paths as the contract writes them, by the endpoints of Flask.
    """
    app.extensions.setdefault(_NAMES, {}).update(templates)


def path_template() -> str | None:
    """Returns the path of the current request as the contract writes it: /v1/things/{identifier}.

    None if the path does not exist, or not with this method.
    """
    return template(current_app, request.url_rule) if request.url_rule else None


def template(app: Flask, rule: Rule) -> str:
    """Returns the path of a route as the contract writes it; of a route that is not in the contract likewise."""
    named: str | None = app.extensions.get(_NAMES, {}).get(rule.endpoint)
    return named or _without_converters(rule.rule)


@cache
def _without_converters(rule: str) -> str:
    return _VARIABLE.sub(r"{\1}", rule)


def lost(app: Flask) -> str | None:
    """Returns the method and the path of a route that another one has taken, of the contract's and the service's own."""
    named = app.extensions.get(_NAMES, {})
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        path = _VARIABLE.sub("x", rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            try:
                endpoint, _ = adapter.match(path, method)
            except HTTPException:
                continue  # a converter that takes no x
            if (endpoint in named) != (rule.endpoint in named):
                return f"{method} {template(app, rule)}"
    return None
