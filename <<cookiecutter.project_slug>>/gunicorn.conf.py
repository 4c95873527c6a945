"""gunicorn's configuration; https://docs.gunicorn.org/en/stable/settings.html"""

from gevent import monkey

# Before anything else is imported: what was imported unpatched would block the whole worker.
monkey.patch_all()

import gc

# What is imported stays: it is worth no look for garbage, now or later.
gc.disable()

import json
<% if cookiecutter.metrics %>
import os
<% endif %>
import signal
import sys
<% if cookiecutter.metrics %>
import tempfile
from contextlib import suppress
<% endif %>
from importlib import import_module
<% if cookiecutter.metrics %>
from pathlib import Path
<% endif %>
from typing import Any

from gunicorn import util
<% if cookiecutter.__has_database %>
from sqlalchemy import make_url
<% endif %>

from << cookiecutter.package_name >> import SERVICE_NAME, SERVICE_VERSION
from << cookiecutter.package_name >>.chassis import logs
from << cookiecutter.package_name >>.chassis.worker import Worker
from << cookiecutter.package_name >>.configuration import (
    ConfigurationError,
    load,
    load_or_exit,
)

gc.freeze()
gc.enable()
# By default Python looks for garbage after a few hundred new objects, or a few thousand.
gc.set_threshold(10_000)

settings = load_or_exit()

wsgi_app = "<< cookiecutter.package_name >>.wsgi:app"
bind = settings.server.bind
worker_class = Worker
<% if cookiecutter.__has_database %>
workers = settings.server.workers
max_requests = settings.server.max_requests
max_requests_jitter = settings.server.max_requests_jitter
<% else %>
# One, because the data are in its memory.
workers = 1
<% endif %>
worker_connections = settings.server.worker_connections
backlog = settings.server.backlog
limit_request_line = settings.server.limit_request_line
limit_request_fields = settings.server.limit_request_fields
limit_request_field_size = settings.server.limit_request_field_size
timeout = settings.server.timeout
keepalive = settings.server.keep_alive
# From SIGTERM to SIGKILL: the last seconds are for what a worker has to close.
graceful_timeout = settings.server.drain_delay + settings.server.grace_period + 5
# It would be a socket in the home directory, which a read-only file system does not have.
control_socket_disable = True

logconfig_dict = logs.configuration(settings.log)
accesslog = "-"
access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms'


def write_problem(connection: Any, status: int, reason: str, message: str) -> None:
    """Answers what gunicorn refuses by itself, such as broken headers, with a problem document."""
    body = json.dumps({"type": "about:blank", "title": reason, "status": status})
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, (head + body).encode())


# There is no setting for it: gunicorn would answer in HTML.
util.write_error = write_problem


def when_ready(server: Any) -> None:
    """Tells where to go."""
    url = _url(settings.server.bind)
    server.log.info("%s %s", SERVICE_NAME, SERVICE_VERSION)
    server.log.info("API: %s/v1/<< cookiecutter.__resource_path >>", url)
    if settings.api.swagger_ui:
        server.log.info("Swagger UI: %s/ui/", url)
<% if cookiecutter.metrics %>
    _serve_metrics(server)
<% endif %>
    if not server.cfg.reload:
        _import_once()


def _import_once() -> None:
    """Imports what the workers need before they are forked, so that they start soon and share memory.

    It is modules only: the application and all that it opens is each worker's own.
    """
    gc.disable()
    _import_connexion()
    import_module("<< cookiecutter.package_name >>.app")
<% if cookiecutter.tracing == 'opentelemetry' %>
    if import_module("<< cookiecutter.package_name >>.chassis.opentelemetry").enabled():
        import_module("<< cookiecutter.package_name >>.chassis.opentelemetry_sdk")
<% if cookiecutter.__has_database %>
        import_module("opentelemetry.instrumentation.sqlalchemy")
<% endif %>
<% endif %>
<% if cookiecutter.__has_database %>
    # SQLAlchemy imports a dialect when it makes an engine.
    make_url(settings.database.url.get_secret_value()).get_dialect()
<% endif %>
    # The collector would touch each object, and so make a copy of its page in each worker.
    gc.freeze()
    gc.enable()


def _import_connexion() -> None:
    """Imports Connexion without aiohttp, which it loads for a server of its own that is not used."""
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    import_module("connexion")
    del sys.modules["aiohttp"]


def _url(address: str) -> str:
    host, _, port = address.rpartition(":")
    return f"http://{'localhost' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def post_worker_init(worker: Any) -> None:
    """Makes SIGTERM drain the worker before it stops accepting, and SIGUSR1 change the logs."""

    def drain(*_: object) -> None:
        worker.drain(settings.server.drain_delay, settings.server.grace_period)

    def stop(*_: object) -> None:
        worker.drain(0, settings.server.grace_period)

    def configure_logs(*_: object) -> None:
        try:
            log = load().log
        except ConfigurationError as error:
            worker.log.error("The logs stay as they are: %s", error)
        else:
            logs.configure(log)
            worker.log.info("The log level is %s", log.level)

    signal.signal(signal.SIGUSR1, configure_logs)
    signal.signal(signal.SIGTERM, drain)
    # Ctrl-C: gunicorn's own handler raises in a greenlet, which would print a traceback.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGQUIT, stop)
<% if cookiecutter.__has_database or cookiecutter.tracing != 'none' %>


def worker_exit(server: Any, worker: Any) -> None:
    """Closes what the requests have used; there are none any more."""
    from << cookiecutter.package_name >>.chassis import (
<% if cookiecutter.__has_database %>
        database,
<% endif %>
<% if cookiecutter.tracing == 'jaeger-client' %>
        jaeger,
<% elif cookiecutter.tracing == 'opentelemetry' %>
        opentelemetry,
<% endif %>
    )

<% if cookiecutter.__has_database %>
    if worker.booted:
        database.close(worker.wsgi)
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.stop()
<% elif cookiecutter.tracing == 'jaeger-client' %>
    jaeger.stop()
<% endif %>
<% endif %>
<% if cookiecutter.metrics %>


COUNTS_DIR = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that tells where the workers share their counts, in files.

prometheus_client looks for it when it is imported: what uses it is imported after `on_starting`.
"""


def on_starting(server: Any) -> None:
    """Makes the directory of the counts, or forgets those of an earlier run."""
    if server.master_pid:
        server.log.error("Two gunicorns cannot count together: restart the service instead")
        sys.exit(1)
    if not os.environ.get(COUNTS_DIR):
        os.environ[COUNTS_DIR] = tempfile.mkdtemp(prefix="metrics-")
    Path(os.environ[COUNTS_DIR]).mkdir(parents=True, exist_ok=True)
    _forget_counts()


def _serve_metrics(server: Any) -> None:
    from << cookiecutter.package_name >>.chassis import metrics_server

    address = settings.metrics.bind
    try:
        if address:
            metrics_server.start(address, server)
    except OSError as error:
        on_exit(server)
        sys.exit(f"metrics.bind: cannot listen on {address}: {error.strerror}")
    server.log.info("Metrics: %s/metrics", _url(address or settings.server.bind))


def post_fork(server: Any, worker: Any) -> None:
    """Leaves the metrics of all workers to the first process."""
    from << cookiecutter.package_name >>.chassis import metrics_server

    metrics_server.stop()


def child_exit(server: Any, worker: Any) -> None:
    """Drops the gauges of a worker that is gone; its counters stay in the totals."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server: Any) -> None:
    """Leaves nothing behind."""
    from << cookiecutter.package_name >>.chassis import metrics_server

    metrics_server.stop()
    _forget_counts()
    with suppress(OSError):
        Path(os.environ[COUNTS_DIR]).rmdir()


def _forget_counts() -> None:
    for file in Path(os.environ[COUNTS_DIR]).glob("*_[0-9]*.db"):
        file.unlink()
<% endif %>
