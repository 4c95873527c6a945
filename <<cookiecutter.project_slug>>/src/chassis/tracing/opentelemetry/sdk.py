"""OpenTelemetry's SDK: spans of requests and of outgoing calls, by OTLP over HTTP or in the log."""

import logging
import os
from contextlib import ExitStack
from importlib.metadata import entry_points
from uuid import uuid4

import gevent
from flask import Flask, g, request
from opentelemetry import propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    TextMapPropagator,
    default_getter,
)
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.semconv.attributes.http_attributes import HTTP_ROUTE
from opentelemetry.semconv.attributes.url_attributes import URL_FULL, URL_QUERY
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.http import sanitize_method
from requests import PreparedRequest

from ... import routes, tracing
from ...redaction import redact
from . import variables
from .log import LogExporter

# Probes come every few seconds and would bury all other spans.
PROBES = r"^[a-z]+://[^/?]+/(livez|readyz|healthcheck)(\?|$)"
# The variable that selects the stable names of the attributes.
CONVENTIONS = "OTEL_SEMCONV_STABILITY_OPT_IN"
DEFAULTS = {
    # Headers that may have a secret, if headers are written into spans.
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS": "auth,cookie,passw,secret,token,key",
    # The default value; without it there would be a warning.
    "OTEL_TRACES_SAMPLER_ARG": "1.0",
}
# The older names of the attributes that may have a query.
URLS = ("http.target", "http.url")
STOP_SECONDS = 3

# The logger warns of each text that is truncated.
logging.getLogger("opentelemetry.attributes").addFilter(
    lambda record: "truncating" not in str(record.msg)
)


class Propagator(CompositePropagator):
    """Reads and writes several formats of headers, or none."""

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        """Reads the headers; without a propagator, the base class would return None instead of a context."""
        return super().extract(carrier, Context() if context is None else context, getter)


def start(service: str, version: str, environment: str, conventions: str) -> TracerProvider:
    """Starts tracing in this process.

    Args:
        service: the name of the service.
        version: its version.
        environment: the environment of the service.
        conventions: the groups of attributes that have the stable names, separated by commas.
    """
    for variable, value in {CONVENTIONS: conventions, **DEFAULTS}.items():
        os.environ.setdefault(variable, value)
    propagate.set_global_textmap(Propagator(_propagators()))
    resource = _resource(service, version, environment)
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporters = variables.exporters()
    if "otlp" in exporters:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    if "console" in exporters:
        provider.add_span_processor(SimpleSpanProcessor(LogExporter()))
    trace.set_tracer_provider(provider)
    RequestsInstrumentor().instrument(tracer_provider=provider, request_hook=_hide_secrets)
    return provider


def stop() -> None:
    """Sends the waiting spans."""
    provider = trace.get_tracer_provider()
    if isinstance(provider, TracerProvider):
        gevent.spawn(provider.shutdown).join(STOP_SECONDS)


def init_app(app: Flask, provider: trace.TracerProvider) -> None:
    """Gives each request a span and a trace context."""
    excluded = ",".join([PROBES, *variables.excluded_urls()])
    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        app, tracer_provider=provider, excluded_urls=excluded, enable_commenter=False
    )
    app.before_request(_begin)
    app.teardown_request(_end)


def _propagators() -> list[TextMapPropagator]:
    names = variables.propagators()
    if names is None:
        # The last propagator that finds its headers takes precedence.
        return [B3MultiFormat(), TraceContextTextMapPropagator(), W3CBaggagePropagator()]
    installed = entry_points(group=variables.PROPAGATORS)
    return [installed[name].load()() for name in names]


def _resource(service: str, version: str, environment: str) -> Resource:
    """Describes the service; OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME take precedence."""
    known = {
        "service.name": service,
        "service.version": version,
        "service.instance.id": str(uuid4()),
        "deployment.environment.name": environment,
    }
    return Resource.create({**known, **OTELResourceDetector().detect().attributes})


def _hide_secrets(span: trace.Span, call: PreparedRequest) -> None:
    span.set_attribute(URL_FULL, redact(call.url or ""))
    _hide_secrets_in_urls(span)


def _hide_secrets_in_urls(span: trace.Span) -> None:
    attributes = getattr(span, "attributes", None) or {}
    for name in URLS:
        if url := attributes.get(name):
            span.set_attribute(name, redact(url))


def _begin() -> None:
    span = trace.get_current_span()
    context = span.get_span_context()
    if not context.is_valid:
        tracing.begin_span(*_extract())
        g.untraced = ExitStack()
        g.untraced.enter_context(suppress_instrumentation())
        return
    if request.query_string:
        span.set_attribute(URL_QUERY, redact(request.query_string.decode(errors="replace")))
        _hide_secrets_in_urls(span)
    # The instrumentation names a span by Flask's rule, or by any path that a client sends.
    method = sanitize_method(request.method).replace("_OTHER", "HTTP")
    if route := routes.path_template():
        span.update_name(f"{method} {route}")
        span.set_attribute(HTTP_ROUTE, route)
    else:
        span.update_name(method)
    tracing.set_current(
        tracing.TraceContext(
            trace.format_trace_id(context.trace_id),
            trace.format_span_id(context.span_id),
            _parent_span_id(span),
        )
    )


def _parent_span_id(span: trace.Span) -> str:
    # A span that is not sampled does not know its parent.
    context = getattr(span, "parent", None)
    if context is None:
        return _extract()[1]
    return trace.format_span_id(context.span_id) if context.is_valid else ""


def _extract() -> tuple[str, str]:
    """Returns the trace id and the span id of the caller; two empty strings if the headers have no valid ones."""
    context = trace.get_current_span(propagate.extract(request.headers)).get_span_context()
    if not context.is_valid:
        return "", ""
    return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)


def _end(error: BaseException | None) -> None:
    if "untraced" in g:
        g.untraced.close()
