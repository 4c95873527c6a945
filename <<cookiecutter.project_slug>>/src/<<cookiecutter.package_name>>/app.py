"""The composition root, to be read from top to bottom: one line for each concern."""

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path

from flask import Flask
from injector import Injector
<% if cookiecutter.tracing == 'opentelemetry' %>
from opentelemetry.trace import TracerProvider
<% elif cookiecutter.tracing == 'jaeger-client' %>
from opentracing import Tracer
<% endif %>

from chassis import (
<% if cookiecutter.http_client %>
    calls,
<% endif %>
    contract,
<% if cookiecutter.__has_database %>
    database,
<% endif %>
<% if cookiecutter.http_client %>
    http_client,
<% endif %>
<% if cookiecutter.metrics %>
    metrics,
<% endif %>
    server,
<% if cookiecutter.tracing == 'none' %>
    tracing,
<% endif %>
)
<% if cookiecutter.database == 'postgresql' %>
from chassis.database import postgresql
<% endif %>
<% if cookiecutter.metrics and cookiecutter.__has_database %>
from chassis.metrics import pool as pool_metrics
<% endif %>
from chassis.resources import ConflictError, NotFoundError
<% if cookiecutter.tracing == 'opentelemetry' %>
from chassis.tracing import opentelemetry
<% if cookiecutter.__has_database %>
from chassis.tracing.opentelemetry import sql as opentelemetry_sql
<% endif %>
<% elif cookiecutter.tracing == 'jaeger-client' %>
from chassis.tracing import jaeger
<% if cookiecutter.__has_database %>
from chassis.tracing.jaeger import sql as jaeger_sql
<% endif %>
<% endif %>

<% if cookiecutter.metrics and cookiecutter.__has_database %>
from . import SERVICE_NAME, SERVICE_VERSION, tables
<% elif cookiecutter.metrics %>
from . import SERVICE_NAME, SERVICE_VERSION
<% elif cookiecutter.__has_database %>
from . import tables
<% endif %>
from .bindings import Bindings
from .configuration import load
from .settings import Settings

CONTRACT = Path(__file__).with_name("openapi.yaml")
# One for each version of the API.
CONTRACTS = [CONTRACT]

STATUS_OF_ERRORS: dict[type[Exception], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    ConflictError: HTTPStatus.CONFLICT,
}

READINESS_CHECKS = {
    "lifecycle": server.check_lifecycle,
<% if cookiecutter.__has_database %>
    "database": database.check,
<% endif %>
}


def create_app(
    settings: Settings | None = None,
    modules: Iterable[contract.Configuration] = (),
<% if cookiecutter.tracing == 'opentelemetry' %>
    tracer_provider: TracerProvider | None = None,
<% elif cookiecutter.tracing == 'jaeger-client' %>
    tracer: Tracer | None = None,
<% endif %>
) -> Flask:
    """Builds an application that shares nothing with any other.

    Args:
        settings: read from the environment if not given.
        modules: bindings that override the service's own.
<% if cookiecutter.tracing == 'opentelemetry' %>
        tracer_provider: makes the spans of requests; there are none if not given.
<% elif cookiecutter.tracing == 'jaeger-client' %>
        tracer: makes the spans of requests; there are none if not given.
<% endif %>

    Raises:
        ConfigurationError: the settings cannot be used.
        ContractError: the contract cannot be served.
    """
    settings = settings or load()
    app = Flask(__name__, static_folder=None)
    injector = Injector([Bindings()])

    contract.init_serialization(app)
<% if cookiecutter.__has_database %>
    database.init_app(
        app,
        settings.database,
        injector,
        tables.Base.metadata,
<% if cookiecutter.database == 'postgresql' %>
        lock_timeout=settings.database.connect_timeout,
        server=postgresql,
<% else %>
        lock_timeout=settings.database.lock_timeout,
<% endif %>
        show_parameters=settings.environment == "development",
    )
<% endif %>
    contract.init_app(
        app,
        injector,
        *CONTRACTS,
        validate_responses=settings.environment == "development",
        max_body_bytes=settings.api.max_body_bytes,
        body_timeout=settings.api.body_timeout,
        require_security=settings.environment != "development",
    )
    contract.init_swagger_ui(
        app, enabled=settings.api.swagger_ui, at_root=settings.environment == "development"
    )
    server.init_health(app, READINESS_CHECKS)
    # Views get their services injected; the hooks that follow do not, and stay cheap.
    contract.init_injection(app, injector, modules)

<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.init_app(app, tracer_provider)
<% if cookiecutter.__has_database %>
    opentelemetry_sql.init_app(app, tracer_provider)
<% endif %>
<% elif cookiecutter.tracing == 'jaeger-client' %>
    jaeger.init_app(app, tracer)
<% if cookiecutter.__has_database %>
    jaeger_sql.init_app(app, tracer)
<% endif %>
<% else %>
    tracing.init_app(app)
<% endif %>
<% if cookiecutter.metrics %>
    metrics.init_app(app, settings.metrics, SERVICE_NAME, SERVICE_VERSION)
<% endif %>
<% if cookiecutter.metrics and cookiecutter.__has_database %>
    pool_metrics.init_app(app, settings.database)
<% endif %>
<% if cookiecutter.http_client %>
    calls.init_deadlines(app, settings.api.deadline)
    http_client.init_app(app)
<% endif %>
    contract.check_routes(app)
    contract.init_problems(app, STATUS_OF_ERRORS)
    # After the hooks that trace and count, and around the middleware that they have added.
    server.init_base_url(app)
    server.init_proxies(app, settings.api.proxies)
    return app
