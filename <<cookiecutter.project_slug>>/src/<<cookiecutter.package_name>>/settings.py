"""The typed configuration.

A YAML file (`APP_CONFIG_FILE`) is overridden by files of a secrets directory (`APP_SECRETS_DIR`),
and these by environment variables (`APP_<SECTION>__<KEY>`).
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
<% if cookiecutter.__has_database %>
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
<% else %>
from pydantic import BaseModel, ConfigDict, Field, ValidationError
<% endif %>
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)
<% if cookiecutter.__has_database %>
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
<% endif %>

PREFIX = "APP_"
CONFIG_FILE = "APP_CONFIG_FILE"
SECRETS_DIR = "APP_SECRETS_DIR"


class ConfigurationError(Exception):
    """The configuration cannot be used; the message has one line for each fault."""


class Section(BaseModel):
    """A group of keys; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ServerSettings(Section):
    """How gunicorn serves; https://docs.gunicorn.org/en/stable/settings.html"""

    bind: str = Field(
        "0.0.0.0:8080", pattern=r"^\S+:\d{1,5}$", description="Address and port of the API"
    )
<% if cookiecutter.__has_database %>
    workers: int = Field(2, ge=1, description="Worker processes")
<% endif %>
    timeout: int = Field(30, ge=1, description="Seconds until a silent worker is replaced")
    keep_alive: int = Field(5, ge=1, description="Seconds an idle connection is kept")
    drain_delay: int = Field(
        5, ge=0, description="Seconds of service after SIGTERM while /readyz already says no"
    )
    grace_period: int = Field(
        20, ge=1, description="Seconds that requests in flight get to finish after that"
    )


class ApiSettings(Section):
    """What the API accepts and shows."""

    swagger_ui: bool = Field(True, description="Serve Swagger UI at /ui/")
    max_body_bytes: int = Field(1_048_576, ge=1, description="Largest request body, in bytes")


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged"
    )
    format: Literal["json", "console"] = Field(
        "json", description="One JSON object a line, or text for people"
    )
<% if cookiecutter.__has_database %>


class DatabaseSettings(Section):
    """The database; https://docs.sqlalchemy.org/en/21/core/engines.html"""

    url: SecretStr = Field(description="SQLAlchemy URL, with the password")
    pool_size: int = Field(10, ge=1, description="Connections a worker keeps open")
    max_overflow: int = Field(10, ge=0, description="Further connections under load")
    pool_timeout: float = Field(5.0, gt=0, description="Seconds to wait for a connection")
    connect_timeout: int = Field(3, ge=1, description="Seconds to wait for the server")
<% endif %>


class Settings(BaseSettings):
    """All settings of the service; frozen, read once at start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    environment: Literal["development", "production"] = Field(
        "production", description="Development checks responses against the contract"
    )
    server: ServerSettings = ServerSettings()
    api: ApiSettings = ApiSettings()
    log: LogSettings = LogSettings()
<% if cookiecutter.__has_database %>
    database: DatabaseSettings
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


def load() -> Settings:
    """Reads and checks the settings.

    Raises:
        ConfigurationError: a key is unknown, missing or ill-typed, or a value is not for production.
    """
    _check_sources()
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [_fault(fault["loc"], fault["msg"]) for fault in error.errors()]
        raise ConfigurationError("\n".join(lines)) from None
<% if cookiecutter.__has_database %>
    _check_database_url(settings)
<% endif %>
    return settings


def load_or_exit() -> Settings:
    """Reads the settings; ends the process with the faults on standard error if there are any."""
    try:
        return load()
    except ConfigurationError as error:
        sys.exit(str(error))


def effective(settings: Settings) -> Iterator[tuple[str, Any, str]]:
    """Yields each key with its value and its source; secrets are masked."""
    for section, value in settings:
        if isinstance(value, Section):
            for key, inner in value:
                yield f"{section}.{key}", inner, _origin((section, key))
        else:
            yield section, value, _origin((section,))


def _check_sources() -> None:
    """Finds what pydantic-settings would pass over in silence."""
    _config_file_content()
    sections = {
        name: isinstance(field.annotation, type) and issubclass(field.annotation, Section)
        for name, field in Settings.model_fields.items()
    }
    names = {f"secret file {path}": path.name.lower() for path in _secret_files()}
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable not in (CONFIG_FILE, SECRETS_DIR):
            names[f"environment variable {variable}"] = variable[len(PREFIX) :].lower()
    for source, name in names.items():
        section, _, key = name.partition("__")
        if section not in sections:
            raise ConfigurationError(f"configuration: {name}: there is no such setting ({source})")
        if sections[section] and not key:
            message = "a group of settings, set its keys one by one"
            raise ConfigurationError(f"configuration: {name}: {message} ({source})")


def _secret_files() -> list[Path]:
    directory = os.environ.get(SECRETS_DIR)
    if not directory:
        return []
    try:
        # Kubernetes keeps versions of a mounted secret in directories that begin with two dots.
        return sorted(path for path in Path(directory).iterdir() if not path.name.startswith(".."))
    except OSError as error:
        reason = f"cannot read the directory {directory}: {error.strerror}"
        raise ConfigurationError(f"configuration: {SECRETS_DIR}: {reason}") from None


def _config_file_content() -> dict[str, Any]:
    path = os.environ.get(CONFIG_FILE)
    if not path:
        return {}
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    except OSError as error:
        reason = f"cannot read the file {path}: {error.strerror}"
        raise ConfigurationError(f"configuration: {CONFIG_FILE}: {reason}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise ConfigurationError(f"configuration: {path}: not valid YAML: {reason}") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"configuration: {path}: not a mapping of names to values")
    return content


def _fault(location: tuple[int | str, ...], message: str) -> str:
    return f"configuration: {'.'.join(map(str, location))}: {message} ({_origin(location)})"


def _origin(location: tuple[int | str, ...]) -> str:
    """Names where the value of a key comes from."""
    name = "__".join(map(str, location)).lower()
    for variable in os.environ:
        if variable.lower() == PREFIX.lower() + name:
            return f"environment variable {variable}"
    for path in _secret_files():
        if path.name.lower() == name:
            return f"secret file {path}"
    content: Any = _config_file_content()
    for key in location:
        if not isinstance(content, dict) or key not in content:
            return f"default; {(PREFIX + name).upper()} would set it"
        content = content[key]
    return f"file {os.environ[CONFIG_FILE]}"
<% if cookiecutter.__has_database %>


def _check_database_url(settings: Settings) -> None:
    url = settings.database.url.get_secret_value()
    location = ("database", "url")
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(_fault(location, "not a valid URL of a database")) from None
<% if cookiecutter.database == 'sqlite' %>
    if not url.startswith("sqlite://"):
        raise ConfigurationError(_fault(location, "has to begin with sqlite://"))
    in_memory = url.partition("?")[0] in ("sqlite://", "sqlite:///:memory:")
    if settings.environment == "production" and in_memory:
        message = "a database in memory is for development only, give the path of a file"
        raise ConfigurationError(_fault(location, message))
<% else %>
    if not url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite://")):
        raise ConfigurationError(_fault(location, "has to begin with postgresql+psycopg://"))
    if settings.environment == "production" and url.startswith("sqlite"):
        message = "SQLite is for development only, give the URL of a PostgreSQL server"
        raise ConfigurationError(_fault(location, message))
<% endif %>
<% endif %>
