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


class UpstreamsSettings(Section):
    """The services that this one calls, each under its name."""

    recommendations: UpstreamSettings = UpstreamSettings(url="http://recommendations:8080")


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
