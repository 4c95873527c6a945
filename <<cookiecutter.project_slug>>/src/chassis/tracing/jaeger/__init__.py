"""The Jaeger client: spans of requests and of outgoing calls."""

from .tracer import init_app, make_tracer, start, stop

__all__ = ["init_app", "make_tracer", "start", "stop"]
