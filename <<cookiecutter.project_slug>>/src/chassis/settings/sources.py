"""Reads the settings and finds every fault in them, with its source."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from .. import urls
from ..redaction import HIDDEN, redact
from ..start import StartError, yaml_fault
from .sections import Section

PREFIX = "APP_"
CONFIG_FILE = "APP_CONFIG_FILE"
SECRETS_DIR = "APP_SECRETS_DIR"


class ServiceSettings(BaseSettings):
    """All settings of a service, which adds its sections; frozen, read once at start."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        # One key of a section can be set, and the others keep their defaults.
        nested_model_default_partial_update=True,
        extra="forbid",
        frozen=True,
    )

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


AnySettings = TypeVar("AnySettings", bound=ServiceSettings)
Check = Callable[[AnySettings], None]
"""Raises ConfigurationError if settings do not go together."""


class ConfigurationError(StartError):
    """The configuration cannot be used; the message has one line for each fault."""


def load(kind: type[AnySettings], check: Check[AnySettings]) -> AnySettings:
    """Reads and checks the settings.

    Args:
        kind: the class of the settings.
        check: checks what has to hold besides the types.

    Raises:
        ConfigurationError: a key is unknown, missing or ill-typed, or a value is not for production.
    """
    _check_sources(kind)
    try:
        settings = kind()
    except ValidationError as error:
        faults = [_explain(fault["type"], fault["loc"], fault["msg"]) for fault in error.errors()]
        raise ConfigurationError("\n".join(faults)) from None
    except (OSError, SettingsError) as error:
        raise ConfigurationError(f"configuration: {error}") from None
    _check_urls(settings)
    check(settings)
    return settings


_current: list[Any] = []


def load_or_exit(kind: type[AnySettings], check: Check[AnySettings]) -> AnySettings:
    """Reads the settings; ends the process with the faults on standard error if there are any.

    When the settings are read again, after SIGHUP, faults are logged and the settings stay as they are.
    """
    try:
        _current[:] = [load(kind, check)]
    except ConfigurationError as error:
        if not _current:
            sys.exit(str(error))
        logging.getLogger("gunicorn.error").error("The settings stay as they are: %s", error)
    settings: AnySettings = _current[0]
    return settings


def current_settings(kind: type[AnySettings], check: Check[AnySettings]) -> AnySettings:
    """Returns the settings that this process or its parent has read, or reads them.

    All workers have the same settings, whenever they start.
    """
    return _current[0] if _current else load_or_exit(kind, check)


def effective(settings: ServiceSettings) -> Iterator[tuple[str, Any, str]]:
    """Yields each key with its value and its source; secrets are masked."""
    for location, value in _values(settings):
        yield ".".join(location), _shown(value), _origin(location)


def _values(
    settings: ServiceSettings | Section, within: tuple[str, ...] = ()
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


def _check_sources(kind: type[ServiceSettings]) -> None:
    """Refuses what pydantic-settings would ignore."""
    _config_file_content()
    for path in _secret_files():
        source = f"secret file {path}"
        _check_name(kind, path.name, source)
        try:
            path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            key = path.name.lower().replace("__", ".")
            reason = getattr(error, "strerror", None) or "not text in UTF-8"
            raise ConfigurationError(f"configuration: {key}: {reason} ({source})") from None
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable not in (CONFIG_FILE, SECRETS_DIR):
            _check_name(kind, variable[len(PREFIX) :], f"environment variable {variable}")


def _check_name(settings: type[ServiceSettings], name: str, source: str) -> None:
    """Follows a name such as `server__timeout` through the groups to its setting."""
    keys = name.lower().split("__")
    kind: Any = settings
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


def fault(location: tuple[int | str, ...], message: str) -> ConfigurationError:
    """Returns the error of a key that has a wrong value, with the source of the value."""
    return ConfigurationError(_fault(location, message))


def _explain(kind: str, location: tuple[int | str, ...], message: str) -> str:
    """Explains in one line a fault that pydantic has found."""
    if kind == "missing":
        variable = PREFIX + "__".join(map(str, location)).upper()
        return f"configuration: {'.'.join(map(str, location))}: Field required; set {variable}"
    if kind == "extra_forbidden":
        return _fault(location, "there is no such setting")
    return _fault(location, message.removeprefix("Value error, "))


def _fault(location: tuple[int | str, ...], message: str) -> str:
    return f"configuration: {'.'.join(map(str, location))}: {message} ({_origin(location)})"


def _origin(location: tuple[int | str, ...]) -> str:
    """Returns the source of the value of a key."""
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


def _check_urls(settings: ServiceSettings) -> None:
    """Refuses URLs whose host is not the host that they seem to have; messages would show a part of the password."""
    for location, value in _values(settings):
        try:
            urls.check(_text(value) or "")
        except ValueError as error:
            raise fault(location, str(error)) from None
