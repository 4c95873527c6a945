"""The composition root."""

from http import HTTPStatus
from pathlib import Path

from flask import Flask
from injector import Injector, singleton
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
<% if cookiecutter.http_client and cookiecutter.metrics %>
from chassis.http_client.metrics import MeasuredSession
<% endif %>
<% if cookiecutter.metrics and cookiecutter.__has_database %>
from chassis.metrics import pool as pool_metrics
<% endif %>
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

<% if cookiecutter.metrics %>
from . import SERVICE_NAME, SERVICE_VERSION
<% endif %>
<% if cookiecutter.__has_database %>
from .settings import Settings
from .sql import Base, SqlThings
<% else %>
from .memory import InMemoryThings
from .settings import Settings
<% endif %>
<% if cookiecutter.http_client %>
from .stock import Stock
<% endif %>
from .things import NameTakenError, NotFoundError, Things

STATUS_OF_ERRORS: dict[type[Exception], HTTPStatus] = {
    NotFoundError: HTTPStatus.NOT_FOUND,
    NameTakenError: HTTPStatus.CONFLICT,
}
READINESS_CHECKS = {
    "lifecycle": server.check_lifecycle,
<% if cookiecutter.__has_database %>
    "database": database.check,
<% endif %>
}


def create_app(
    settings: Settings,
<% if cookiecutter.tracing == 'opentelemetry' %>
    tracer_provider: TracerProvider | None = None,
<% elif cookiecutter.tracing == 'jaeger-client' %>
    tracer: Tracer | None = None,
<% endif %>
) -> Flask:
    """Builds an application that shares nothing with any other."""
    app = Flask(__name__, static_folder=None)
    injector = Injector()
<% if cookiecutter.__has_database %>
    injector.binder.bind(Things, to=SqlThings, scope=singleton)
<% else %>
    injector.binder.bind(Things, to=InMemoryThings, scope=singleton)
<% endif %>
<% if cookiecutter.http_client and cookiecutter.metrics %>
    injector.binder.bind(Stock, to=Stock(MeasuredSession("stock", settings.upstreams.stock)))
<% elif cookiecutter.http_client %>
    injector.binder.bind(
        Stock, to=Stock(http_client.UpstreamSession("stock", settings.upstreams.stock))
    )
<% endif %>
    contract.init_serialization(app)
<% if cookiecutter.__has_database %>
    database.init_app(
        app,
        settings.database,
        injector,
        Base.metadata,
<% if cookiecutter.database == 'postgresql' %>
        lock_timeout=settings.database.connect_timeout,
        server=postgresql,
<% else %>
        lock_timeout=settings.database.lock_timeout,
<% endif %>
    )
<% endif %>
    contract.init_app(
        app,
        injector,
        Path(__file__).with_name("openapi.yaml"),
        validate_responses=settings.environment == "development",
        max_body_bytes=settings.api.max_body_bytes,
        body_timeout=settings.api.body_timeout,
        require_security=settings.environment != "development",
    )
    contract.init_swagger_ui(
        app, enabled=settings.api.swagger_ui, at_root=settings.environment == "development"
    )
    server.init_health(app, READINESS_CHECKS)
    contract.init_injection(app, injector, [])
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
    server.init_base_url(app)
    server.init_proxies(app, settings.api.proxies)
    return app
