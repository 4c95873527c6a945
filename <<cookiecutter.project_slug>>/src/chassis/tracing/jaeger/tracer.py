"""The OpenTracing API with the Jaeger client: spans of requests and of outgoing calls.

https://github.com/opentracing/specification/blob/master/semantic_conventions.md
"""

import opentracing
from flask import Flask, Response, g, request
from jaeger_client import Tracer
from jaeger_client.sampler import ProbabilisticSampler
from opentracing import Format, tags

from ... import routes, tracing
from ...settings.jaeger import TracingSettings
from . import requests as jaeger_requests
from .propagation import HeadersCodec
from .reporter import UdpReporter

# Probes come every few seconds and would bury all other spans.
PROBES = ("/livez", "/readyz", "/healthcheck")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def start(settings: TracingSettings, service: str, version: str) -> opentracing.Tracer | None:
    """Starts tracing in this process, a worker: the thread that sends the spans would not survive a fork.

    Args:
        settings: the address of the agent, and the sampling rate.
        service: the name of the service.
        version: its version.

    Returns:
        The tracer; None if the settings switch tracing off.
    """
    if not settings.enabled:
        return None
    reporter = UdpReporter(settings.agent_host, settings.agent_port)
    tracer = make_tracer(reporter, settings, service, version)
    opentracing.set_global_tracer(tracer)
    jaeger_requests.instrument(tracer)
    return tracer


def make_tracer(
    reporter: object, settings: TracingSettings, service: str, version: str
) -> opentracing.Tracer:
    """Returns a tracer that reads and writes all formats of headers."""
    return Tracer(
        service,
        reporter,
        ProbabilisticSampler(settings.sample_rate),
        extra_codecs={Format.HTTP_HEADERS: HeadersCodec()},
        generate_128bit_trace_id=True,
        tags={"version": version},
    )


def stop() -> None:
    """Sends the waiting spans."""
    tracer = opentracing.global_tracer()
    if isinstance(tracer, Tracer):
        tracer.close()


def init_app(app: Flask, tracer: opentracing.Tracer | None) -> None:
    """Gives each request a span and a trace context.

    Args:
        app: the application.
        tracer: makes the spans; without it, requests have a trace context but no span.
    """
    if tracer is None:
        tracing.init_app(app)
        return

    def begin() -> None:
        if request.path in PROBES:
            tracing.begin_request()
            return
        scope = tracer.start_active_span(
            _name(),
            child_of=tracer.extract(Format.HTTP_HEADERS, dict(request.headers)),
            ignore_active_span=True,
            tags={
                tags.SPAN_KIND: tags.SPAN_KIND_RPC_SERVER,
                tags.HTTP_METHOD: request.method,
                tags.HTTP_URL: request.base_url,
            },
        )
        g.scope = scope
        context = scope.span.context
        tracing.set_current(
            tracing.TraceContext(
                f"{context.trace_id:032x}",
                f"{context.span_id:016x}",
                f"{context.parent_id:016x}" if context.parent_id else "",
            )
        )

    app.before_request(begin)
    app.after_request(_tag_status)
    app.teardown_request(_end)


def _name() -> str:
    method = request.method if request.method in METHODS else "HTTP"
    return f"{method} {routes.path_template() or ''}".strip()


def _tag_status(response: Response) -> Response:
    if "scope" in g:
        g.scope.span.set_tag(tags.HTTP_STATUS_CODE, response.status_code)
        if response.status_code >= 500:
            g.scope.span.set_tag(tags.ERROR, True)
    return response


def _end(error: BaseException | None) -> None:
    if "scope" not in g:
        return
    if error:
        kind = type(error).__name__
        g.scope.span.log_kv({"event": "error", "error.kind": kind, "message": str(error)})
    g.scope.close()
