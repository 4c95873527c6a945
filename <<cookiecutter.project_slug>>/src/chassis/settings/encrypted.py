"""Settings whose YAML file may have values that SOPS has encrypted."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from .. import sops
from ..redaction import HIDDEN
from . import sources
from .sources import CONFIG_FILE, ConfigurationError, ServiceSettings

__all__ = ["EncryptedSettings", "effective"]


class EncryptedSettings(ServiceSettings):
    """All settings of a service, which adds its sections; the file is decrypted when it is read."""

    @classmethod
    def file_source(cls, settings_cls: type[BaseSettings]) -> PydanticBaseSettingsSource:
        """Returns the content of the YAML file, without encryption.

        Raises:
            ConfigurationError: the file cannot be decrypted, or was changed after it was encrypted.
        """
        return InitSettingsSource(settings_cls, init_kwargs=_decrypted())


def effective(settings: ServiceSettings) -> Iterator[tuple[str, Any, str]]:
    """Yields each key with its value and its source; secrets are masked, and all that was encrypted."""
    encrypted = [".".join(keys) for keys in sops.encrypted(sources.config_file_content())]
    file = f"file {os.environ.get(CONFIG_FILE)}"
    for key, value, source in sources.effective(settings):
        is_secret = source == file and any(f"{at}.".startswith(f"{key}.") for at in encrypted)
        yield key, _masked(value) if is_secret else value, source


def _decrypted() -> dict[str, Any]:
    content = sources.config_file_content()
    path = os.environ.get(CONFIG_FILE, "")
    try:
        if sops.is_encrypted(content):
            return sops.decrypt(Path(path).read_text(encoding="utf-8"))
    except sops.SopsError as error:
        raise ConfigurationError(f"configuration: {path}: {error}") from None
    except RecursionError:
        raise ConfigurationError(f"configuration: {path}: nested too deeply") from None
    return content


def _masked(value: Any) -> str:
    """Hides a value; of a URL whose password is hidden already, nothing else."""
    is_url = isinstance(value, str) and "://" in value and HIDDEN in value
    return str(value) if is_url else HIDDEN
