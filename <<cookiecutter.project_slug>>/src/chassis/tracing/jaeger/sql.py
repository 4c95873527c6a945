"""Spans of SQL statements, each below that of its request."""

from typing import Any

from flask import Flask
from opentracing import Span, Tracer, tags
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext

__all__ = ["init_app"]


def init_app(app: Flask, tracer: Tracer | None) -> None:
    """Gives each statement of the application's engine a span.

    Args:
        app: the application.
        tracer: makes the spans; without it there are no spans.
    """
    if tracer is None:
        return

    def begin(connection: Any, cursor: object, statement: str, *rest: Any) -> None:
        if tracer.active_span is None:  # a probe
            return
        span_tags = {
            tags.SPAN_KIND: tags.SPAN_KIND_RPC_CLIENT,
            tags.DATABASE_TYPE: connection.dialect.name,
            tags.DATABASE_STATEMENT: statement,
        }
        context = rest[1]
        context.span = tracer.start_span(statement.split(maxsplit=1)[0].upper(), tags=span_tags)

    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _end(connection: object, cursor: object, statement: str, *rest: Any) -> None:
    if span := _span(rest[1]):
        span.finish()


def _fail(failure: ExceptionContext) -> None:
    if span := _span(failure.execution_context):
        span.set_tag(tags.ERROR, True)
        span.finish()


def _span(context: Any) -> Span | None:
    return getattr(context, "span", None)
