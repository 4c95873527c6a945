"""Reads the settings and finds every fault in them, with its source."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
<% if cookiecutter.__has_database %>
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
<% endif %>

from .settings import CONFIG_FILE, PREFIX, SECRETS_DIR, Section, Settings


class ConfigurationError(Exception):
    """The configuration cannot be used; the message has one line for each fault."""


def load() -> Settings:
    """Reads and checks the settings.

    Raises:
        ConfigurationError: a key is unknown, missing or ill-typed, or a value is not for production.
    """
    _check_sources()
<% if cookiecutter.tracing == 'opentelemetry' %>
    _check_exporter()
<% endif %>
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [_fault(fault["loc"], fault["msg"]) for fault in error.errors()]
        raise ConfigurationError("\n".join(lines)) from None
<% if cookiecutter.http_client %>
    _check_faults(settings)
<% endif %>
<% if cookiecutter.__has_database %>
    _check_database_url(settings)
<% endif %>
    return settings


_in_force: list[Settings] = []


def load_or_exit() -> Settings:
    """Reads the settings; ends the process with the faults on standard error if there are any.

    When they are read again, after SIGHUP, faults are logged and the settings stay as they are.
    """
    try:
        _in_force[:] = [load()]
    except ConfigurationError as error:
        if not _in_force:
            sys.exit(str(error))
        logging.getLogger("gunicorn.error").error("The settings stay as they are: %s", error)
    return _in_force[0]


def effective(
    settings: Settings | Section, within: tuple[str, ...] = ()
) -> Iterator[tuple[str, Any, str]]:
    """Yields each key with its value and its source; secrets are masked."""
    for key, value in settings:
        location = (*within, key)
        if isinstance(value, Section):
            yield from effective(value, location)
        else:
            yield ".".join(location), value, _origin(location)


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


<% if cookiecutter.tracing == 'opentelemetry' %>
def _check_exporter() -> None:
    """Refuses what OpenTelemetry's variables may ask for and the service does not have."""
    supported = {
        "OTEL_TRACES_EXPORTER": ("otlp", "none"),
        "OTEL_EXPORTER_OTLP_PROTOCOL": ("http/protobuf",),
        "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": ("http/protobuf",),
    }
    for variable, values in supported.items():
        if os.environ.get(variable) not in (None, "", *values):
            message = f"only {' or '.join(values)} is possible (environment variable {variable})"
            raise ConfigurationError(f"configuration: {variable}: {message}")


<% endif %>
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
<% if cookiecutter.http_client %>


def _check_faults(settings: Settings) -> None:
    for name, upstream in settings.upstreams:
        if settings.environment == "production" and upstream.has_faults:
            message = "faults on purpose are for development only"
            raise ConfigurationError(f"configuration: upstreams.{name}: {message}")
<% endif %>
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
