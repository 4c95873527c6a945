"""The settings of the service, with their types and defaults.

A YAML file (`APP_CONFIG_FILE`) is overridden by files of a secrets directory (`APP_SECRETS_DIR`),
and these by environment variables (`APP_<SECTION>__<KEY>`).
"""

import os
from typing import Literal

<% if cookiecutter.__has_database %>
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
<% else %>
from pydantic import BaseModel, ConfigDict, Field, field_validator
<% endif %>
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

PREFIX = "APP_"
CONFIG_FILE = "APP_CONFIG_FILE"
SECRETS_DIR = "APP_SECRETS_DIR"


class Section(BaseModel):
    """A group of keys; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_address(value: str) -> str:
    """Returns an address with its port.

    Raises:
        ValueError: it is none.
    """
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("not an address and a port, such as 0.0.0.0:8080")
    return value


class ServerSettings(Section):
    """How gunicorn serves; https://docs.gunicorn.org/en/stable/settings.html"""

    bind: str = Field("0.0.0.0:8080", description="Address and port of the API")
<% if cookiecutter.__has_database %>
    workers: int = Field(2, ge=1, description="Worker processes")
    max_requests: int = Field(
        0, ge=0, description="Requests after which a worker is replaced; 0: never"
    )
    max_requests_jitter: int = Field(
        1000, ge=0, description="Up to so many more, by chance, so that not all go at once"
    )
<% endif %>
    worker_connections: int = Field(1000, ge=1, description="Connections a worker serves at once")
    backlog: int = Field(2048, ge=1, description="Connections that wait to be accepted")
    timeout: int = Field(30, ge=1, description="Seconds until a silent worker is replaced")
    keep_alive: int = Field(5, ge=1, description="Seconds an idle connection is kept")
    limit_request_line: int = Field(
        4094, ge=1, le=8190, description="Longest first line of a request, in bytes"
    )
    limit_request_fields: int = Field(100, ge=1, le=32768, description="Most headers of a request")
    limit_request_field_size: int = Field(
        8190, ge=1, le=65536, description="Longest header of a request, in bytes"
    )
    drain_delay: int = Field(
        5, ge=0, description="Seconds of service after SIGTERM while /readyz already says no"
    )
    grace_period: int = Field(
        20, ge=1, description="Seconds that requests in flight get to finish after that"
    )

    @field_validator("bind")
    @classmethod
    def _is_address_and_port(cls, value: str) -> str:
        return check_address(value)


class ApiSettings(Section):
    """What the API accepts and shows."""

    swagger_ui: bool = Field(True, description="Serve Swagger UI at /ui/")
    proxies: int = Field(0, ge=0, description="Proxies in front, whose X-Forwarded-* are believed")
    max_body_bytes: int = Field(1_048_576, ge=1, description="Largest request body, in bytes")
    body_timeout: float = Field(30.0, gt=0, description="Seconds a client gets to send a body")
<% if cookiecutter.http_client %>
    deadline: float = Field(10.0, gt=0, description="Seconds until a request gives up its calls")
<% endif %>


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged"
    )
    format: Literal["json", "console"] = Field(
        "json", description="One JSON object a line, or text for people"
    )
<% if cookiecutter.tracing == 'jaeger-client' %>


class TracingSettings(Section):
    """The spans that Jaeger gets; https://www.jaegertracing.io/docs/latest/"""

    enabled: bool = Field(True, description="Make spans and send them")
    agent_host: str = Field("localhost", description="Where the agent or collector is")
    agent_port: int = Field(
        6831, ge=1, le=65535, description="Its UDP port for Thrift in the compact protocol"
    )
    sample_rate: float = Field(1.0, ge=0, le=1, description="Share of the new traces that is kept")
<% endif %>
<% if cookiecutter.metrics %>


class MetricsSettings(Section):
    """Where the metrics are served."""

    bind: str = Field(
        "0.0.0.0:8081", description="Address and port of the metrics; empty: those of the API"
    )

    @field_validator("bind")
    @classmethod
    def _is_empty_or_address_and_port(cls, value: str) -> str:
        return value and check_address(value)
<% endif %>
<% if cookiecutter.http_client %>


class UpstreamSettings(Section):
    """A service that this one calls."""

    url: str = Field(description="Where it is, by its name")
    connect_timeout: float = Field(0.5, gt=0, description="Seconds to wait for a connection")
    read_timeout: float = Field(2.0, gt=0, description="Seconds to wait for an answer")
    timeout: float = Field(5.0, gt=0, description="Seconds for a call with all its retries")
    max_answer_bytes: int = Field(
        4_194_304, ge=1, description="Largest body of an answer, in bytes, decompressed"
    )
    retries: int = Field(2, ge=0, description="How often a call is repeated at most")
    max_calls: int = Field(20, ge=1, description="Calls that a worker makes at the same time")
    failures: int = Field(5, ge=1, description="Failures in a row that open the circuit")
    reset_after: float = Field(10.0, gt=0, description="Seconds until an open circuit is tried")
    fault_latency: float = Field(0.0, ge=0, description="Seconds that calls are held up")
    fault_errors: float = Field(0.0, ge=0, le=1, description="Share of calls that get a 500")
    fault_refusals: float = Field(0.0, ge=0, le=1, description="Share of calls that are refused")

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("has to begin with http:// or https://")
        return value

    @property
    def has_faults(self) -> bool:
        """Whether there are faults on purpose."""
        return bool(self.fault_latency or self.fault_errors or self.fault_refusals)


class UpstreamsSettings(Section):
    """The services that this one calls, each under its name."""

    recommendations: UpstreamSettings = UpstreamSettings(url="http://recommendations:8080")
<% endif %>
<% if cookiecutter.__has_database %>


class DatabaseSettings(Section):
    """The database; https://docs.sqlalchemy.org/en/21/core/engines.html"""

    url: SecretStr = Field(description="SQLAlchemy URL, with the password")
    pool_size: int = Field(10, ge=1, description="Connections a worker keeps open")
    max_overflow: int = Field(10, ge=0, description="Further connections under load")
    pool_timeout: float = Field(15.0, gt=0, description="Seconds to wait for a connection")
<% if cookiecutter.database == 'postgresql' %>
    pool_pre_ping: bool = Field(True, description="Replace a connection that is dead before use")
    connect_timeout: int = Field(3, ge=1, description="Seconds to wait for the server")
    statement_timeout: float = Field(
        10.0, ge=0, description="Seconds a statement may take; 0: as many as the server says"
    )
<% else %>
    lock_timeout: int = Field(3, ge=1, description="Seconds to wait while another one writes")
<% endif %>
<% endif %>


class Settings(BaseSettings):
    """All settings of the service; frozen, read once at start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
<% if cookiecutter.http_client %>
        # One key of an upstream can be set, and the others keep their defaults.
        nested_model_default_partial_update=True,
<% endif %>
        extra="forbid",
        frozen=True,
    )

    environment: Literal["development", "production"] = Field(
        "production", description="Development checks responses against the contract"
    )
    server: ServerSettings = ServerSettings()
    api: ApiSettings = ApiSettings()
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
    # No default would do; an empty one makes the fault name the key.
    database: DatabaseSettings = Field({}, validate_default=True)
<% endif %>

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Orders the sources: the first one that has a key wins."""
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=os.environ.get(SECRETS_DIR),
            secrets_prefix="",
            secrets_nested_delimiter="__",
        )
        file = YamlConfigSettingsSource(settings_cls, yaml_file=os.environ.get(CONFIG_FILE))
        return init_settings, env_settings, secrets, file
