"""Reverse proxies in front: what they say of a client is believed, and what a client says is not."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask, count: int) -> None:
    """Takes address, scheme, host and path prefix of a request from its `X-Forwarded-*` headers.

    Args:
        app: the application.
        count: how many proxies each request passes; the headers have what each of them has added.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
