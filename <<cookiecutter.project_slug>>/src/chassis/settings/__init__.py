"""The settings: their sources, and the sections that every service has."""

from .sections import ApiSettings, LogSettings, Section, ServerSettings
from .sources import (
    CONFIG_FILE,
    PREFIX,
    SECRETS_DIR,
    ConfigurationError,
    ServiceSettings,
    current_settings,
    effective,
    fault,
    load,
    load_or_exit,
)

__all__ = [
    "CONFIG_FILE",
    "PREFIX",
    "SECRETS_DIR",
    "ApiSettings",
    "ConfigurationError",
    "LogSettings",
    "Section",
    "ServerSettings",
    "ServiceSettings",
    "current_settings",
    "effective",
    "fault",
    "load",
    "load_or_exit",
]
