"""OpenTelemetry's SDK: spans of requests and of outgoing calls, sent by OTLP over HTTP."""

import os
from contextlib import ExitStack
from uuid import uuid4

import gevent
from flask import Flask, g, request
from opentelemetry import propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.semconv.attributes.http_attributes import HTTP_ROUTE
from opentelemetry.semconv.attributes.url_attributes import URL_FULL, URL_QUERY
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.http import sanitize_method
from requests import PreparedRequest

from .. import SERVICE_NAME, SERVICE_VERSION
from . import routes, tracing
from .redaction import redact

# They come every few seconds and would bury what people look for.
PROBES = r"^[a-z]+://[^/?]+/(livez|readyz|healthcheck)(\?|$)"
# Newer names of the attributes, which are stable.
<% if cookiecutter.__has_database %>
CONVENTIONS = ("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
<% else %>
CONVENTIONS = ("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
<% endif %>
STOP_SECONDS = 3


def start(environment: str) -> TracerProvider:
    """Begins to trace this process.

    Args:
        environment: where the service runs.
    """
    os.environ.setdefault(*CONVENTIONS)
    if "OTEL_PROPAGATORS" not in os.environ:
        # The last one that finds its headers wins.
        formats = [B3MultiFormat(), TraceContextTextMapPropagator(), W3CBaggagePropagator()]
        propagate.set_global_textmap(CompositePropagator(formats))
    provider = TracerProvider(resource=_resource(environment), shutdown_on_exit=False)
    if os.environ.get("OTEL_TRACES_EXPORTER") != "none":
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    RequestsInstrumentor().instrument(tracer_provider=provider, request_hook=_hide_secrets)
    return provider


def stop() -> None:
    """Sends the spans that wait for it."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        gevent.spawn(provider.shutdown).join(STOP_SECONDS)


def init_app(app: Flask, provider: trace.TracerProvider) -> None:
    """Gives each request a span, and its ids."""
    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=provider, excluded_urls=PROBES, enable_commenter=False
    )
    app.before_request(_begin)
    app.teardown_request(_end)


def _resource(environment: str) -> Resource:
    """Tells what the spans are of; OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME win."""
    known = {
        "service.name": SERVICE_NAME,
        "service.version": SERVICE_VERSION,
        "service.instance.id": str(uuid4()),
        "deployment.environment.name": environment,
    }
    return Resource.create({**known, **OTELResourceDetector().detect().attributes})


def _hide_secrets(span: trace.Span, call: PreparedRequest) -> None:
    span.set_attribute(URL_FULL, redact(call.url or ""))


def _begin() -> None:
    span = trace.get_current_span()
    context = span.get_span_context()
    if not context.is_valid:
        tracing.begin()
        g.untraced = ExitStack()
        g.untraced.enter_context(suppress_instrumentation())
        return
    if request.query_string:
        span.set_attribute(URL_QUERY, redact(request.query_string.decode(errors="replace")))
    # The instrumentation names a span by Flask's rule, or by whatever path a client makes up.
    method = sanitize_method(request.method).replace("_OTHER", "HTTP")
    if route := routes.path_template():
        span.update_name(f"{method} {route}")
        span.set_attribute(HTTP_ROUTE, route)
    else:
        span.update_name(method)
    tracing.remember(
        tracing.TraceIds(
            trace.format_trace_id(context.trace_id),
            trace.format_span_id(context.span_id),
            _parent(span),
        )
    )


def _parent(span: trace.Span) -> str:
    # A span that is not sampled does not know it.
    context = getattr(span, "parent", None)
    if context is None:
        caller = propagate.extract(request.headers)
        context = trace.get_current_span(caller).get_span_context()
    return trace.format_span_id(context.span_id) if context.is_valid else ""


def _end(error: BaseException | None) -> None:
    if "untraced" in g:
        g.untraced.close()
