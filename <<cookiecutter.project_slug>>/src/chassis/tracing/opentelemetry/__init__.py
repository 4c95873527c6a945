"""OpenTelemetry: spans of requests and of outgoing calls."""

from .switch import check_exporter, init_app, load, start, stop
from .variables import enabled

__all__ = ["check_exporter", "enabled", "init_app", "load", "start", "stop"]
