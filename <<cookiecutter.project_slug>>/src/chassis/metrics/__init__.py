"""Prometheus metrics of the requests, and the server of the metrics of all workers."""

from .requests import init_app
from .server import start as start_server
from .server import stop as stop_server

__all__ = ["init_app", "start_server", "stop_server"]
