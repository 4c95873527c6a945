"""gunicorn's gevent worker, with an end that loses no request."""

import socket
from contextlib import suppress
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

from . import lifecycle, start

# What a client has sent is with the worker by then.
ARRIVAL_SECONDS = 1.0
# All workers find the same if the service cannot be loaded.
TURN_TO_TELL = start.Turn()


class Worker(GeventWorker):
    """Serves on for a while before it ends, and does not wait for connections without a request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._idle: set[socket.socket] = set()
        self._requests: set[Any] = set()
        self._draining = False
        self._stopping = False

    def drain(self, delay: float, grace_period: int) -> None:
        """Makes the worker not ready, and ends it later.

        Args:
            delay: seconds of further service; each answer closes its connection.
            grace_period: seconds that requests get to finish after that.
        """
        self._draining = True
        for request in self._requests:
            request.force_close()
        lifecycle.drain(self.wsgi)
        gevent.spawn_later(delay, self._stop, grace_period)

    def _stop(self, grace_period: int) -> None:
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
            # Not gevent's own method, which would be an error to whoever reads.
            with suppress(OSError):
                client._sock.shutdown(socket.SHUT_RD)

    def load_wsgi(self) -> None:
        """Loads the service; if that fails it is told once, and gunicorn ends."""
        with start.loading(self.log, TURN_TO_TELL):
            super().load_wsgi()

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
        self._requests.add(request)
        if self._draining:
            request.force_close()
        try:
            answered = super().handle_request(name, request, client, address)
            # Whoever asks again at once, on a connection that it keeps, waits for its turn.
            gevent.sleep(0)
            return answered
        finally:
            self._requests.discard(request)
            self._idle.add(client)
            if not self.alive and not self._stopping:
                # It is to be renewed: gunicorn has decided so by itself.
                self._stop(self.cfg.graceful_timeout)
            if self._stopping:
                self._close_soon(client)
