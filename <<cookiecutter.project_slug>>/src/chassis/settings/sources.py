"""Reads the settings and finds every fault in them, with its source."""

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import SettingsError
<% if cookiecutter.__has_database %>
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
<% endif %>

<% if cookiecutter.tracing == 'opentelemetry' %>
from .chassis import opentelemetry_variables, urls
<% else %>
from .chassis import urls
<% endif %>
from .chassis.redaction import HIDDEN, redact
from .chassis.start import StartError, yaml_fault
from .settings import CONFIG_FILE, PREFIX, SECRETS_DIR, Section, Settings


class ConfigurationError(StartError):
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
        faults = [_explain(one["type"], one["loc"], one["msg"]) for one in error.errors()]
        raise ConfigurationError("\n".join(faults)) from None
    except (OSError, SettingsError) as error:
        raise ConfigurationError(f"configuration: {error}") from None
    _check_urls(settings)
<% if cookiecutter.metrics %>
    _check_addresses(settings)
<% endif %>
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


def in_force() -> Settings:
    """Returns the settings that the process or the one it was forked from has read, or reads them.

    All workers have the same, whenever they start.
    """
    return _in_force[0] if _in_force else load_or_exit()


def effective(settings: Settings) -> Iterator[tuple[str, Any, str]]:
    """Yields each key with its value and its source; secrets are masked."""
    for location, value in _values(settings):
        yield ".".join(location), _shown(value), _origin(location)


def _values(
    settings: Settings | Section, within: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in settings:
        if isinstance(value, Section):
            yield from _values(value, (*within, key))
        else:
            yield (*within, key), value


def _shown(value: Any) -> Any:
    text = _text(value)
    if text is None:
        return value
    if "://" in text:
        return urls.mask(text)
    return HIDDEN if isinstance(value, SecretStr) else redact(text)


def _text(value: Any) -> str | None:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return value if isinstance(value, str) else None


def _check_sources() -> None:
    """Finds what pydantic-settings would pass over in silence."""
    _config_file_content()
    for path in _secret_files():
        source = f"secret file {path}"
        _check_name(path.name, source)
        try:
            path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            key = path.name.lower().replace("__", ".")
            reason = getattr(error, "strerror", None) or "not text in UTF-8"
            raise ConfigurationError(f"configuration: {key}: {reason} ({source})") from None
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable not in (CONFIG_FILE, SECRETS_DIR):
            _check_name(variable[len(PREFIX) :], f"environment variable {variable}")


def _check_name(name: str, source: str) -> None:
    """Follows a name such as `server__timeout` through the groups to its setting."""
    keys = name.lower().split("__")
    kind: Any = Settings
    for key in keys:
        field = kind.model_fields.get(key) if _is_group(kind) else None
        if field is None:
            message = f"there is no such setting ({source})"
            raise ConfigurationError(f"configuration: {'.'.join(keys)}: {message}")
        kind = field.annotation
    if _is_group(kind):
        message = f"a group of settings, set its keys one by one ({source})"
        raise ConfigurationError(f"configuration: {'.'.join(keys)}: {message}")


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


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
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"configuration: {path}: {yaml_fault(error)}") from None
    except RecursionError:
        raise ConfigurationError(f"configuration: {path}: nested too deeply") from None
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise ConfigurationError(f"configuration: {path}: not a mapping of names to values")
    return content


def _explain(kind: str, location: tuple[int | str, ...], message: str) -> str:
    """Tells of what pydantic has found, in one line."""
    if kind == "missing":
        variable = PREFIX + "__".join(map(str, location)).upper()
        return f"configuration: {'.'.join(map(str, location))}: Field required; set {variable}"
    if kind == "extra_forbidden":
        return _fault(location, "there is no such setting")
    return _fault(location, message.removeprefix("Value error, "))


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


def _check_urls(settings: Settings) -> None:
    """Refuses URLs that mean another host than they seem to; they would show a part of a password."""
    for location, value in _values(settings):
        try:
            urls.check(_text(value) or "")
        except ValueError as error:
            raise ConfigurationError(_fault(location, str(error))) from None


def _check_addresses(settings: Settings) -> None:
    """Refuses to serve API and metrics by two servers on one port."""
    host, _, port = settings.server.bind.rpartition(":")
    other_host, _, other_port = settings.metrics.bind.rpartition(":")
    hosts = {host, other_host}
    anywhere = {"0.0.0.0", "[::]"}  # noqa: S104
    if port == other_port != "0" and (len(hosts) == 1 or hosts & anywhere):
        message = "server.bind has the same port; leave this empty to serve the metrics there"
        raise ConfigurationError(_fault(("metrics", "bind"), message))


def _check_url(url: str, environment: str) -> None:
    in_file = url.startswith("sqlite://")
<% if cookiecutter.database == 'sqlite' %>
    if not in_file:
        raise ValueError("has to begin with sqlite://")
<% else %>
    if not in_file and not url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise ValueError("has to begin with postgresql+psycopg://")
<% endif %>
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
<% if cookiecutter.database == 'sqlite' %>
        raise ValueError("not a valid URL of a database") from None
<% else %>
        # The port is the only part that SQLAlchemy checks.
        several = "several hosts are given as ?host=first:5432&host=second:5432"
        raise ValueError(f"not a valid URL of a database, {several}") from None
<% endif %>
    if in_file and (parts.host or parts.username):
        raise ValueError("SQLite has no host: three slashes begin a path, four an absolute one")
<% if cookiecutter.database == 'sqlite' %>
    if environment == "production" and parts.database in (None, "", ":memory:"):
        raise ValueError("a database in memory is for development only, give the path of a file")
<% else %>
    if environment == "production" and in_file:
        raise ValueError("SQLite is for development only, give the URL of a PostgreSQL server")
<% endif %>
