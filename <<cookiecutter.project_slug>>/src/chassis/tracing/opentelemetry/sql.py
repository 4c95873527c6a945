"""OpenTelemetry: spans of SQL statements."""

from flask import Flask
from opentelemetry.trace import TracerProvider
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

__all__ = ["init_app"]


def init_app(app: Flask, provider: TracerProvider | None) -> None:
    """Gives each statement of the application's engine a span below that of its request.

    Args:
        app: the application.
        provider: makes the spans; without it there are no spans.
    """
    if provider is None:
        return
    # The import takes time, so it is skipped if tracing is off.
    from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "handle_error", _hide_values)
    # The instrumentation does not name SQLAlchemy 2.1 as supported yet, but works with it; a test shows it.
    SQLAlchemyInstrumentor().instrument(
        engine=engine, tracer_provider=provider, skip_dep_check=True
    )


def _hide_values(failure: ExceptionContext) -> None:
    # The span gets the text of the error, which may quote values of the client.
    failure.original_exception = type(failure.original_exception)()
