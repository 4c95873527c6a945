"""Reverse proxies: their headers about a client are trusted, the headers of a client are not."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def init_app(app: Flask, count: int) -> None:
    """Takes address, scheme, host and path prefix of a request from its `X-Forwarded-*` headers.

    Args:
        app: the application.
        count: the number of proxies that each request passes, of which each adds to the headers.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count, x_prefix=count
        )
