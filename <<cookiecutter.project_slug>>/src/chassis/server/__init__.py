"""The server: gunicorn's hooks, settings and worker, the probes, and the proxies in front."""

from .base_url import init_app as init_base_url
from .gunicorn_settings import gunicorn_settings
from .health import init_app as init_health
from .hooks import Hooks
from .lifecycle import check as check_lifecycle
from .parts import Part
from .proxies import init_app as init_proxies

__all__ = [
    "Hooks",
    "Part",
    "check_lifecycle",
    "gunicorn_settings",
    "init_base_url",
    "init_health",
    "init_proxies",
]
