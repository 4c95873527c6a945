"""The server: gunicorn's worker, how it ends, the probes, and the proxies in front."""

from .health import init_app as init_health
from .lifecycle import check as check_lifecycle
from .lifecycle import init_app as init_lifecycle
from .proxies import init_app as init_proxies
from .worker import Worker

__all__ = ["Worker", "check_lifecycle", "init_health", "init_lifecycle", "init_proxies"]
