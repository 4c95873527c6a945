"""OpenTelemetry's switch: its SDK is imported only where it is on, for it takes time and memory.

The standard variables set it:
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from flask import Flask
from opentelemetry.trace import TracerProvider

from ... import tracing
from . import variables as opentelemetry_variables


def start(environment: str) -> TracerProvider | None:
    """Begins to trace this process, in a worker: what sends the spans does not outlive a fork.

    Args:
        environment: where the service runs, for `deployment.environment.name`.

    Returns:
        what makes spans for applications; None if it is off.
    """
    if not opentelemetry_variables.enabled():
        return None
    from . import sdk

    return sdk.start(environment)


def stop() -> None:
    """Sends the spans that wait for it; gives up if the collector does not answer soon."""
    if opentelemetry_variables.enabled():
        from . import sdk

        sdk.stop()


def init_app(app: Flask, provider: TracerProvider | None) -> None:
    """Gives each request a span, and its ids.

    Args:
        app: the application.
        provider: makes the spans; without it requests have ids all the same.
    """
    if provider is None:
        tracing.init_app(app)
        return
    from . import sdk

    sdk.init_app(app, provider)


def _check_exporter() -> None:
    """Refuses what OpenTelemetry's variables ask for and nothing could follow."""
    opentelemetry_variables.forget_empty()
    lines = [
        f"configuration: {variable}: {fault} (environment variable {variable})"
        for variable, fault in opentelemetry_variables.faults()
    ]
    if lines:
        raise ConfigurationError("\n".join(lines))
