"""The settings of gunicorn: https://docs.gunicorn.org/en/stable/settings.html"""

from typing import Any

from .. import logs, start
from ..settings import LogSettings, ServerSettings
from .worker import Worker

CLOSING_SECONDS = 5
"""The time for closing resources after the last request."""


def gunicorn_settings(server: ServerSettings, log: LogSettings, name: str) -> dict[str, Any]:
    """Returns the settings of gunicorn that every service has.

    Args:
        server: the settings of the server.
        log: the settings of the log.
        name: the name of the service, for each line of the log.
    """
    logging = logs.configuration(log, name)
    logging["loggers"]["gunicorn.error"]["filters"] = [start.is_unreported]
    return {
        "bind": server.bind,
        "worker_class": Worker,
        "worker_connections": server.worker_connections,
        "backlog": server.backlog,
        "limit_request_line": server.limit_request_line,
        "limit_request_fields": server.limit_request_fields,
        "limit_request_field_size": server.limit_request_field_size,
        "timeout": server.timeout,
        "keepalive": server.keep_alive,
        # From SIGTERM to SIGKILL.
        "graceful_timeout": server.drain_delay + server.grace_period + CLOSING_SECONDS,
        # The control socket would be in the home directory, which may be read-only.
        "control_socket_disable": True,
        "logconfig_dict": logging,
        "accesslog": "-",
        "access_log_format": '%(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms',
    }
