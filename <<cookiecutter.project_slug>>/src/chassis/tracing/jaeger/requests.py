"""Spans of outgoing calls by `requests`; their headers pass the trace on to the called service."""

from functools import wraps
from typing import Any

from opentracing import Format, Tracer, tags
from requests import PreparedRequest, Response, Session


def instrument(tracer: Tracer) -> None:
    """Gives each outgoing call of this process a span."""
    send = Session.send

    @wraps(send)
    def traced(session: Session, request: PreparedRequest, **options: Any) -> Response:
        url = (request.url or "").partition("?")[0]
        span_tags = {
            tags.SPAN_KIND: tags.SPAN_KIND_RPC_CLIENT,
            tags.HTTP_METHOD: request.method,
            tags.HTTP_URL: url,
        }
        with tracer.start_active_span(request.method, tags=span_tags) as scope:
            headers: dict[str, str] = {}
            tracer.inject(scope.span.context, Format.HTTP_HEADERS, headers)
            request.headers.update(headers)
            response = send(session, request, **options)
            scope.span.set_tag(tags.HTTP_STATUS_CODE, response.status_code)
            return response

    Session.send = traced  # type: ignore[assignment, method-assign]
