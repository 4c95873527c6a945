"""gunicorn's gevent worker, with an end that loses no request.

A client that uses a connection again while the server closes it cannot know whether its request was processed, and
a proxy does not repeat a POST then: https://www.rfc-editor.org/rfc/rfc9112#section-9.3.1
"""

import socket
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import gevent
from gevent.server import StreamServer
from gunicorn.http import wsgi
from gunicorn.workers.ggevent import GeventWorker

from .. import start
from . import lifecycle

# After that time, the worker has received what a client has sent.
ARRIVAL_SECONDS = 1.0
BLOCK_BYTES = 65536
# All workers fail for the same reason if the service cannot be loaded.
REPORT_ONCE = start.Once()


def package_of(application: str) -> str:
    """Returns the package of a service, of which gunicorn knows the module and the name of its application."""
    return application.partition(":")[0].rpartition(".")[0]


class Response(wsgi.Response):
    """Decides when its head is written, and only then, whether the connection is kept.

    A client that expects the connection to be kept may have sent its next request already.
    """

    last = False
    """Whether connections are closed after their answer; the only worker of the process sets it."""

    def default_headers(self) -> Any:
        """Returns the first lines of the head."""
        if Response.last:
            self.force_close()
        return super().default_headers()


# gunicorn has no setting for this class.
wsgi.Response = Response


class Server(StreamServer):
    """Accepts connections; when it closes, it also accepts those that are waiting."""

    def close(self) -> None:
        """Stops accepting, after the waiting connections, which the system would reset."""
        if self.started:
            while not self.full() and (connection := self.do_read()):
                self.do_handle(*connection)
        super().close()


class Worker(GeventWorker):
    """Serves on for a while before it ends, and does not wait for connections without a request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._idle: set[socket.socket] = set()
        self._stopping = False

    def init_process(self) -> None:
        """Loads the application and serves it."""
        try:
            super().init_process()
        except BaseException:
            if not self.booted:
                # gunicorn ends the whole service, also the workers that serve.
                lifecycle.announce_end()
            raise

    def drain(self, delay: float, grace_period: int) -> None:
        """Ends the worker later; a second call may shorten the delay.

        Args:
            delay: seconds of further service; each answer closes its connection.
            grace_period: seconds that requests get to finish after that.
        """
        Response.last = True
        gevent.spawn_later(delay, self._stop, grace_period)

    def _stop(self, grace_period: int) -> None:
        if self._stopping:
            return
        self.cfg.set("graceful_timeout", grace_period)
        self.alive = False
        self._stopping = True
        for client in self._idle:
            self._close_soon(client)

    def _close_soon(self, client: socket.socket) -> None:
        gevent.spawn_later(ARRIVAL_SECONDS, self._close_if_idle, client)

    def _close_if_idle(self, client: Any) -> None:
        if client in self._idle:
            # A request that has arrived is still read; after it comes the end of the connection.
            # Not gevent's `shutdown`, which would raise an error in the greenlet that reads.
            with suppress(OSError):
                client._sock.shutdown(socket.SHUT_RD)

    def load_wsgi(self) -> None:
        """Loads the service; if that fails, the reason is reported once, and gunicorn ends."""
        with start.loading(self.log, REPORT_ONCE, package_of(self.cfg.wsgi_app)):
            super().load_wsgi()

    def _read_rest(self, client: socket.socket) -> None:
        """Reads what a client still sends after its last answer.

        The system resets a connection that is closed with something unread: the client could lose the answer.
        """
        with suppress(OSError, gevent.Timeout), gevent.Timeout(ARRIVAL_SECONDS):
            client.shutdown(socket.SHUT_WR)
            while client.recv(BLOCK_BYTES):
                pass

    def server_class(self, listener: Any, *, spawn: Any, **_: Any) -> Server:
        """Makes the server that accepts connections; gunicorn takes this method for a class."""
        # gunicorn asks the listener for its name, also after it is closed.
        name = listener.getsockname()
        named = SimpleNamespace(getsockname=lambda: name)
        server = Server(listener, partial(self.handle, named), spawn=spawn)
        if self.cfg.workers > 1:
            # Leaves connections to the other workers.
            server.max_accept = 1
        return server

    def handle(self, listener: Any, client: socket.socket, address: Any) -> None:
        """Serves a connection."""
        self._idle.add(client)
        if self._stopping:
            self._close_soon(client)
        try:
            super().handle(listener, client, address)
        finally:
            self._idle.discard(client)

    def handle_request(self, name: Any, request: Any, client: socket.socket, address: Any) -> Any:
        """Serves a request of a connection."""
        self._idle.discard(client)
        try:
            answered = super().handle_request(name, request, client, address)
            # A client that sends its next request at once, on the same connection, waits until others are served.
            gevent.sleep(0)
            return answered
        except StopIteration:
            self._read_rest(client)
            raise
        finally:
            self._idle.add(client)
            if not self.alive and not self._stopping:
                # gunicorn has decided to replace the worker.
                self._stop(self.cfg.graceful_timeout)
            if self._stopping:
                self._close_soon(client)
