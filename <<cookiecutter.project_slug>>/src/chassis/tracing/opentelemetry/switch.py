"""OpenTelemetry's switch: its SDK is imported only where it is on, for it takes time and memory.

The standard variables set it:
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
    """Imports what `start` needs, if it is on, so that workers which are forked later share it."""
    if variables.enabled():
        from . import sdk  # noqa: F401


def start(
    service: str, version: str, environment: str, *, conventions: str = "http"
) -> "TracerProvider | None":
    """Begins to trace this process, in a worker: what sends the spans does not outlive a fork.

    Args:
        service: the name of the service.
        version: its version.
        environment: where it runs, for `deployment.environment.name`.
        conventions: the attributes whose names are the newer ones, which are stable, joined by commas.

    Returns:
        what makes spans for applications; None if it is off.
    """
    if not variables.enabled():
        return None
    from . import sdk

    return sdk.start(service, version, environment, conventions)


def stop() -> None:
    """Sends the spans that wait for it; gives up if the collector does not answer soon."""
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
    """Refuses what OpenTelemetry's variables ask for and nothing could follow.

    Raises:
        ConfigurationError: a variable asks for it.
    """
    variables.forget_empty()
    lines = [
        f"configuration: {variable}: {fault} (environment variable {variable})"
        for variable, fault in variables.faults()
    ]
    if lines:
        raise ConfigurationError("\n".join(lines))
