"""The settings of the things, and their checks."""

from functools import partial
from typing import Literal

<% if cookiecutter.__has_database %>
from pydantic import Field

<% endif %>
from chassis import settings as sources
from chassis.settings import (
<% if not cookiecutter.http_client %>
    ApiSettings,
<% endif %>
    LogSettings,
<% if cookiecutter.http_client %>
    Section,
<% endif %>
<% if not cookiecutter.__has_database %>
    ServerSettings,
<% endif %>
    ServiceSettings,
)
<% if cookiecutter.tracing == 'jaeger-client' %>
from chassis.settings.jaeger import TracingSettings
<% endif %>
<% if cookiecutter.metrics %>
from chassis.settings.metrics import MetricsSettings, check_addresses
<% endif %>
<% if cookiecutter.database == 'postgresql' %>
from chassis.settings.postgresql import PostgresqlSettings, check_url
<% elif cookiecutter.database == 'sqlite' %>
from chassis.settings.sqlite import SqliteSettings, check_url
<% endif %>
<% if cookiecutter.http_client %>
from chassis.settings.upstreams import CallingApiSettings, UpstreamSettings, check_faults
<% endif %>
<% if cookiecutter.__has_database %>
from chassis.settings.workers import MultiWorkerServerSettings
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
from chassis.tracing import opentelemetry
<% endif %>
<% if cookiecutter.http_client %>


class UpstreamsSettings(Section):
    """The services that are called."""

    stock: UpstreamSettings = UpstreamSettings(url="http://stock:8080")
<% endif %>


class Settings(ServiceSettings):
    """All settings."""

    environment: Literal["development", "production"] = "production"
<% if cookiecutter.__has_database %>
    server: MultiWorkerServerSettings = MultiWorkerServerSettings()
<% else %>
    server: ServerSettings = ServerSettings()
<% endif %>
<% if cookiecutter.http_client %>
    api: CallingApiSettings = CallingApiSettings()
<% else %>
    api: ApiSettings = ApiSettings()
<% endif %>
    log: LogSettings = LogSettings()
<% if cookiecutter.tracing == 'jaeger-client' %>
    tracing: TracingSettings = TracingSettings()
<% endif %>
<% if cookiecutter.metrics %>
    metrics: MetricsSettings = MetricsSettings()
<% endif %>
<% if cookiecutter.http_client %>
    upstreams: UpstreamsSettings = UpstreamsSettings()
<% endif %>
<% if cookiecutter.__has_database %>
<% if cookiecutter.database == 'postgresql' %>
    database: PostgresqlSettings = Field({}, validate_default=True)
<% else %>
    database: SqliteSettings = Field({}, validate_default=True)
<% endif %>
<% endif %>


def check(settings: Settings) -> None:
    """Checks what the types of the settings cannot express.

    Raises:
        ConfigurationError: a setting cannot be used.
    """
<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.check_exporter()
<% endif %>
<% if cookiecutter.metrics %>
    check_addresses(settings.server, settings.metrics)
<% endif %>
<% if cookiecutter.http_client %>
    check_faults(settings.environment, settings.upstreams)
<% endif %>
<% if cookiecutter.__has_database %>
    check_url(settings.environment, settings.database)
<% endif %>


load = partial(sources.load, Settings, check)
load_or_exit = partial(sources.load_or_exit, Settings, check)
current_settings = partial(sources.current_settings, Settings, check)
