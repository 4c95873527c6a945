"""OpenTelemetry's switch: the SDK is imported only if it is on, because it takes time and memory.

The standard variables set the switch:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from typing import TYPE_CHECKING

from flask import Flask

from ... import tracing
from ...settings import ConfigurationError
from . import variables

if TYPE_CHECKING:
    # OpenTelemetry reads variables on import, and they have to be checked before.
    from opentelemetry.trace import TracerProvider


def load() -> None:
    """Imports the SDK if it is on, so that workers that are forked later share it."""
    if variables.enabled():
        from . import sdk  # noqa: F401


def start(
    service: str, version: str, environment: str, *, conventions: str = "http"
) -> "TracerProvider | None":
    """Starts tracing in this process, a worker: the thread that sends the spans would not survive a fork.

    Args:
        service: the name of the service.
        version: its version.
        environment: the environment, for `deployment.environment.name`.
        conventions: the groups of attributes that have the stable names, separated by commas.

    Returns:
        The provider of tracers; None if OpenTelemetry is off.
    """
    if not variables.enabled():
        return None
    from . import sdk

    return sdk.start(service, version, environment, conventions)


def stop() -> None:
    """Sends the waiting spans; gives up if the collector does not answer soon."""
    if variables.enabled():
        from . import sdk

        sdk.stop()


def init_app(app: Flask, provider: "TracerProvider | None") -> None:
    """Gives each request a span and a trace context.

    Args:
        app: the application.
        provider: makes the spans; without it, requests have a trace context but no span.
    """
    if provider is None:
        tracing.init_app(app)
        return
    from . import sdk

    sdk.init_app(app, provider)


def check_exporter() -> None:
    """Checks OpenTelemetry's variables.

    Raises:
        ConfigurationError: a variable has an invalid value.
    """
    variables.unset_empty()
    lines = [
        f"configuration: {variable}: {fault} (environment variable {variable})"
        for variable, fault in variables.faults()
    ]
    if lines:
        raise ConfigurationError("\n".join(lines))
