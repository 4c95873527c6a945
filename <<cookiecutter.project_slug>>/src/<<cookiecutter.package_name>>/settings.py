"""The settings of the service, with their types and defaults.

Files of a secrets directory (`APP_SECRETS_DIR`) override a YAML file (`APP_CONFIG_FILE`),
and environment variables (`APP_<SECTION>__<KEY>`) override both.
"""

from typing import Literal

from pydantic import Field

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
from chassis.settings.metrics import MetricsSettings
<% endif %>
<% if cookiecutter.database == 'postgresql' %>
from chassis.settings.postgresql import PostgresqlSettings
<% elif cookiecutter.database == 'sqlite' %>
from chassis.settings.sqlite import SqliteSettings
<% endif %>
<% if cookiecutter.http_client %>
from chassis.settings.upstreams import CallingApiSettings
<% endif %>
<% if cookiecutter.__has_database %>
from chassis.settings.workers import MultiWorkerServerSettings
<% endif %>
<% if cookiecutter.http_client %>


class UpstreamsSettings(Section):
    """The services that are called, a field for each: see docs/http-client.md."""
<% endif %>


class Settings(ServiceSettings):
    """All settings of the service; frozen, read once at start."""

    environment: Literal["development", "production"] = Field(
        "production", description="Development checks responses against the contract"
    )
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
    # There is no default; an empty value makes the error name the missing key.
<% if cookiecutter.database == 'postgresql' %>
    database: PostgresqlSettings = Field({}, validate_default=True)
<% else %>
    database: SqliteSettings = Field({}, validate_default=True)
<% endif %>
<% endif %>
