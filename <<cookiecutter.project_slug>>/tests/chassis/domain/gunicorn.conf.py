"""gunicorn's configuration; https://docs.gunicorn.org/en/stable/settings.html"""

from gevent import monkey

# Before anything else is imported: what was imported unpatched would block the whole worker.
monkey.patch_all()

import gc

# What is imported stays: it is worth no look for garbage, now or later.
gc.disable()

import json
import signal
import sys
from importlib import import_module
from typing import Any

from gevent import get_hub
from gunicorn import util
<% if cookiecutter.__has_database %>
from sqlalchemy import make_url
<% endif %>

from chassis import logs, start
from chassis.server import (
    TURN_TO_TELL,
    Worker,
<% if cookiecutter.metrics %>
    address_fault,
<% endif %>
    check_addresses,
    end_restart,
    ending,
    handle_signals,
    note_end,
    prepare_restart,
    wait_for_restart,
)
from chassis.settings import ConfigurationError
<% if cookiecutter.tracing == 'opentelemetry' %>
from chassis.tracing import opentelemetry
<% endif %>

<% if cookiecutter.metrics %>
from tests.chassis.domain import COUNTS_DIR, SERVICE_NAME, SERVICE_VERSION
<% else %>
from tests.chassis.domain import SERVICE_NAME, SERVICE_VERSION
<% endif %>
from tests.chassis.domain.settings import load, load_or_exit

gc.freeze()
gc.enable()
# By default Python looks for garbage after a few hundred new objects, or a few thousand.
gc.set_threshold(10_000)

settings = load_or_exit()

wsgi_app = "tests.chassis.domain.wsgi:app"
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

logconfig_dict = logs.configuration(settings.log, SERVICE_NAME)
logconfig_dict["loggers"]["gunicorn.error"]["filters"] = [start.is_news]
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
# gevent would print what a greenlet raises to standard error.
get_hub().print_exception = logs.print_exception  # type: ignore[method-assign, assignment]


def on_starting(server: Any) -> None:
    """Refuses what gunicorn offers and the service cannot do."""
    if server.cfg.preload_app:
        # Its connections and threads would stay behind in the first process.
        sys.exit("preload_app: start without it, each worker makes an application of its own")
<% if cookiecutter.metrics %>
    if server.master_pid:
        server.log.error("Two gunicorns cannot count together: restart the service instead")
        sys.exit(1)
<% endif %>
    # gunicorn would try five times, and not name the setting.
    with start.or_exit():
        check_addresses(server)


def when_ready(server: Any) -> None:
    """Tells where to go."""
    handle_signals(server)
    url = _url(settings.server.bind)
    server.log.info("%s %s", SERVICE_NAME, SERVICE_VERSION)
    server.log.info("API: %s/v1/things", url)
    if settings.api.swagger_ui:
        server.log.info("Swagger UI: %s/ui/", url)
<% if cookiecutter.metrics %>
    _share_counts()
    _serve_metrics(server)
<% endif %>
    if not server.cfg.reload:
        with start.loading(server.log, TURN_TO_TELL, "tests"):
            _import_once()


def _import_once() -> None:
    """Imports what the workers need before they are forked, so that they start soon and share memory.

    It is modules only: the application and all that it opens is each worker's own.
    """
    gc.disable()
    _import_connexion()
    import_module("tests.chassis.domain.app")
<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.load()
<% if cookiecutter.__has_database %>
    if opentelemetry.enabled():
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
            logs.configure(log, SERVICE_NAME)
            worker.log.info("The log level is %s", log.level)

    signal.signal(signal.SIGUSR1, configure_logs)
    signal.signal(signal.SIGTERM, drain)
    # Ctrl-C: gunicorn's own handler raises in a greenlet, which would print a traceback.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGQUIT, stop)
    if ending():
        # The signal came before there was anybody to heed it.
        stop()


def pre_fork(server: Any, worker: Any) -> None:
    """Makes a worker wait where those before it have died right after their start."""
    if pause := prepare_restart(worker, server.num_workers):
        server.log.error("Workers die right after their start: the next one waits %g s", pause)
<% if cookiecutter.metrics %>
    _number_counts(server, worker)
<% endif %>


def post_fork(server: Any, worker: Any) -> None:
    """Begins the worker."""
<% if cookiecutter.metrics %>
    _count_in(worker)
<% endif %>
    wait_for_restart(worker)


def worker_exit(server: Any, worker: Any) -> None:
    """Closes what the requests have used; there are none any more."""
<% if cookiecutter.__has_database %>
    from chassis import database
<% endif %>
<% if cookiecutter.tracing == 'jaeger-client' %>
    from chassis.tracing import jaeger
<% endif %>
<% if cookiecutter.__has_database or cookiecutter.tracing == 'jaeger-client' %>

<% endif %>
    end_restart(worker)
<% if cookiecutter.__has_database %>
    if worker.booted:
        database.close(worker.wsgi)
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
    opentelemetry.stop()
<% elif cookiecutter.tracing == 'jaeger-client' %>
    jaeger.stop()
<% endif %>


def child_exit(server: Any, worker: Any) -> None:
    """Notes that a worker is gone."""
    note_end(worker)
<% if cookiecutter.metrics %>
    _forget_gauges(worker)


def _share_counts() -> None:
    # Importing it here keeps prometheus_client out of processes that do not count.
    from chassis import shared_counts

    try:
        shared_counts.share(COUNTS_DIR)
    except BlockingIOError:
        sys.exit(f"{shared_counts.DIRECTORY}: another gunicorn uses {COUNTS_DIR}")
    except OSError as error:
        sys.exit(f"{shared_counts.DIRECTORY}: cannot use {COUNTS_DIR!r}: {error.strerror}")


def _serve_metrics(server: Any) -> None:
    from chassis import metrics

    address = settings.metrics.bind
    try:
        if address:
            metrics.start_server(address, server)
    except OSError as error:
        sys.exit(address_fault("metrics.bind", address, error))
    server.log.info("Metrics: %s/metrics", _url(address or settings.server.bind))


def _number_counts(server: Any, worker: Any) -> None:
    from chassis import shared_counts

    worker.number = shared_counts.free_number(one.number for one in server.WORKERS.values())


def _count_in(worker: Any) -> None:
    """Makes a worker count, and leaves the metrics of all workers to the first process."""
    from chassis import metrics, shared_counts

    metrics.stop_server()
    shared_counts.count_as(worker.number)


def _forget_gauges(worker: Any) -> None:
    from chassis import shared_counts

    shared_counts.forget_gauges(worker.number)
<% endif %>
