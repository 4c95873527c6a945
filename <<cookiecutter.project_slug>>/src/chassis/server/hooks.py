"""gunicorn's hooks: what happens when the service and its workers begin and end, in this order.

https://docs.gunicorn.org/en/stable/settings.html#server-hooks
"""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from gevent import get_hub
from gunicorn import util

from .. import logs, start
from ..settings import ApiSettings, ConfigurationError, LogSettings, ServerSettings
from . import lifecycle, listening, preloading, refusals, restarts
from .parts import Part
from .worker import REPORT_ONCE, package_of


class Settings(Protocol):
    """What the hooks read of the settings of a service."""

    @property
    def server(self) -> ServerSettings:
        """How gunicorn serves."""

    @property
    def api(self) -> ApiSettings:
        """What the API shows."""

    @property
    def log(self) -> LogSettings:
        """What is logged."""


class Hooks:
    """The hooks of gunicorn: each method has the name of its hook."""

    def __init__(
        self,
        settings: Settings,
        load: Callable[[], Settings],
        *,
        name: str,
        version: str,
        path: str,
        parts: Sequence[Part] = (),
    ) -> None:
        """Takes what the hooks need to know of the service, after the imports of gunicorn's configuration.

        Args:
            settings: the settings, as read at the start.
            load: reads the settings again.
            name: the name of the service.
            version: its version.
            path: the path of the API, such as `/v1/books`, for the log.
            parts: the features that begin and end with gunicorn's processes; they end in the reverse order.
        """
        self._settings = settings
        self._load = load
        self._name = name
        self._version = version
        self._path = path
        self._parts = parts
        preloading.collect_rarely()

    def on_starting(self, server: Any) -> None:
        """Refuses options of gunicorn that the service does not support."""
        if server.cfg.preload_app:
            # Its connections and threads would stay behind in the first process.
            sys.exit("preload_app: start without it, each worker makes an application of its own")
        for part in self._parts:
            part.on_starting(server)
        # gunicorn would try five times, and not name the setting.
        with start.or_exit():
            listening.check_server(server)
        # gunicorn has no setting for it.
        util.write_error = refusals.write_problem
        # gevent would print what a greenlet raises to standard error.
        get_hub().print_exception = logs.print_exception  # type: ignore[method-assign, assignment]

    def when_ready(self, server: Any) -> None:
        """Logs the URLs of the service, and imports the modules that the workers need."""
        lifecycle.handle_signals(server)
        url = listening.url(self._settings.server.bind)
        server.log.info("%s %s", self._name, self._version)
        server.log.info("API: %s%s", url, self._path)
        if self._settings.api.swagger_ui:
            server.log.info("Swagger UI: %s/ui/", url)
        for part in self._parts:
            part.when_ready(server)
        if not server.cfg.reload:
            package = package_of(server.cfg.wsgi_app)
            with start.loading(server.log, REPORT_ONCE, package):
                preloading.preload(package, self._parts)

    def pre_fork(self, server: Any, worker: Any) -> None:
        """Delays a worker if the workers before it have died right after their start."""
        if pause := restarts.prepare(worker, server.num_workers):
            server.log.error("Workers die right after their start: the next one waits %g s", pause)
        for part in self._parts:
            part.pre_fork(server, worker)

    def post_fork(self, server: Any, worker: Any) -> None:
        """Starts the worker."""
        for part in self._parts:
            part.post_fork(worker)
        restarts.wait(worker)

    def post_worker_init(self, worker: Any) -> None:
        """Lets SIGTERM drain the worker before it stops accepting, and SIGUSR1 change the logs."""

        def drain(*_: object) -> None:
            worker.drain(self._settings.server.drain_delay, self._settings.server.grace_period)

        def stop(*_: object) -> None:
            worker.drain(0, self._settings.server.grace_period)

        signal.signal(signal.SIGUSR1, lambda *_: self._configure_logs(worker))
        signal.signal(signal.SIGTERM, drain)
        # Ctrl-C: gunicorn's own handler raises in a greenlet, which would print a traceback.
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGQUIT, stop)
        if lifecycle.ending():
            # The signal came before these handlers were installed.
            stop()

    def worker_exit(self, server: Any, worker: Any) -> None:
        """Closes the resources of the requests, which are all finished."""
        restarts.mark_ended(worker)
        for part in reversed(self._parts):
            part.worker_exit(worker)

    def child_exit(self, server: Any, worker: Any) -> None:
        """Cleans up after a worker that has ended."""
        restarts.count_death(worker)
        for part in self._parts:
            part.child_exit(worker)

    def _configure_logs(self, worker: Any) -> None:
        try:
            log = self._load().log
        except ConfigurationError as error:
            worker.log.error("The logs stay as they are: %s", error)
        else:
            logs.configure(log, self._name)
            worker.log.info("The log level is %s", log.level)
