"""The composition root: reads top-down, one line for each concern."""

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from injector import Injector

<% if cookiecutter.__has_database %>
from . import errors, sql
<% else %>
from . import errors
<% endif %>
from .bindings import Bindings
from .chassis import (
    contract,
<% if cookiecutter.__has_database %>
    database,
<% endif %>
    health,
    injection,
    lifecycle,
<% if cookiecutter.metrics %>
    metrics,
<% endif %>
<% if cookiecutter.metrics and cookiecutter.__has_database %>
    pool_metrics,
<% endif %>
    problems,
    serialization,
    swagger_ui,
    tracing,
)
from .configuration import load
from .settings import Settings

STATUS_OF_ERRORS: dict[type[Exception], HTTPStatus] = {
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
}

READINESS_CHECKS = {
    "lifecycle": lifecycle.check,
<% if cookiecutter.__has_database %>
    "database": database.check,
<% endif %>
}


def create_app(
    settings: Settings | None = None,
    modules: Iterable[injection.Configuration] = (),
) -> Flask:
    """Builds an application that shares nothing with any other.

    Args:
        settings: read from the environment if not given.
        modules: bindings that override the service's own.

    Raises:
        ConfigurationError: the settings cannot be used.
        AttributeError, ImportError: an operation of the contract has no handler.
    """
    settings = settings or load()
    app = Flask(__name__, static_folder=None)
    injector = Injector([Bindings()])

    serialization.init_app(app)
    lifecycle.init_app(app)
<% if cookiecutter.__has_database %>
    database.init_app(app, settings.database, injector, sql.Base.metadata)
<% endif %>
    contract.init_app(
        app,
        injector,
        Path(__file__).with_name("openapi.yaml"),
        validate_responses=settings.environment == "development",
        max_body_bytes=settings.api.max_body_bytes,
    )
    swagger_ui.init_app(app, enabled=settings.api.swagger_ui)
    health.init_app(app, READINESS_CHECKS)
    # Views are injected; the hooks that follow are not, and stay cheap.
    injection.init_app(app, injector, modules)

    tracing.init_app(app)
<% if cookiecutter.metrics %>
    metrics.init_app(app)
<% endif %>
<% if cookiecutter.metrics and cookiecutter.__has_database %>
    pool_metrics.init_app(app)
<% endif %>
    problems.init_app(app, STATUS_OF_ERRORS)
    return app
