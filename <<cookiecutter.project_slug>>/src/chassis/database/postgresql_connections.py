"""Connections that give up when the server does not answer.

A server that is stopped, or that has lost its disk, keeps its TCP connections alive: neither its own limits of time
nor those of the operating system end a wait then.
"""

import time
from collections.abc import Generator
from typing import Any

from gevent import Timeout
from psycopg import Connection, OperationalError
from psycopg.errors import ConnectionTimeout
from sqlalchemy import Engine, event

__all__ = ["LimitedConnection", "NoAnswerError", "limit_waits"]


class NoAnswerError(OperationalError):
    """The server has not answered in time; the connection is closed."""


class LimitedConnection(Connection[Any]):
    """A connection that is closed when the server does not answer."""

    limit: float | None = None
    """Seconds to wait for each answer at most; None means without limit."""

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **options: Any) -> Any:
        """Waits for an answer of the server: psycopg comes here for each statement, COMMIT and ROLLBACK.

        Raises:
            NoAnswerError: there was no answer within the limit.
        """
        if self.limit is None:
            return super().wait(gen, *arguments, **options)
        try:
            return super().wait(_limited(gen, self.limit), *arguments, **options)
        except NoAnswerError:
            # What the server still sends belongs to nobody.
            self.close()
            raise


def _limited(gen: Generator[Any, Any, Any], limit: float) -> Generator[Any, Any, Any]:
    """Does what a generator of psycopg does, which is told every 0.1 s that nothing has come."""
    end = time.monotonic() + limit
    try:
        awaited = next(gen)
        while True:
            ready = yield awaited
            if not ready and time.monotonic() > end:
                raise NoAnswerError(f"the server has not answered within {limit:g} s")
            awaited = gen.send(ready)
    except StopIteration as result:
        return result.value


def limit_waits(engine: Engine, limit: float | None) -> None:
    """Limits the time that connections of an engine wait for the server.

    Args:
        engine: the engine.
        limit: seconds to connect, to all hosts together and with the look-up of their names, and seconds for each
            answer; None means without limit.
    """

    def connect(_: object, __: object, arguments: list[Any], options: dict[str, Any]) -> Any:
        # Only gevent interrupts the look-up of a name.
        with Timeout(limit, ConnectionTimeout(f"no connection within {limit} s")):
            connection = LimitedConnection.connect(*arguments, **options)
        connection.limit = limit
        return connection

    event.listen(engine, "do_connect", connect)
