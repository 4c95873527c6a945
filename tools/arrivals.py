"""Clients of an HTTP service that arrive at a rate, whether or not those before them are answered."""

import asyncio
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PATIENCE_SECONDS = 15
"""A client that has waited so long gives up."""
PROBE_SECONDS = 0.2


@dataclass
class Arrivals:
    """What the clients saw: how many had which status, and the times of answers in seconds, by status.

    `probes` are the times of /livez in seconds; `late` is by how many seconds a client came too late, at most.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: dict[int, list[float]] = field(default_factory=dict)
    probes: list[float] = field(default_factory=list)
    late: float = 0.0

    def in_time(self, limit: float) -> int:
        """The number of requests that were answered with 200 within a time in seconds."""
        return sum(seconds <= limit for seconds in self.seconds.get(200, []))


class _Client(asyncio.Protocol):
    """Sends a request on a connection of its own, and reads until that ends."""

    def __init__(self, message: bytes) -> None:
        self._message = message
        self.answer = b""
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._message)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.answer = self.answer or data

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.end.done():
            self.end.set_result(None)


def arrive(url: str, rate: float, seconds: float) -> Arrivals:
    """Lets clients arrive, each with a connection of its own, and asks /livez meanwhile.

    Args:
        url: what all of them ask for.
        rate: clients that arrive each second.
        seconds: how long they arrive.
    """
    # A connection is a file; many systems begin with 1,024 for a process.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return asyncio.run(_arrive(url, rate, seconds))


def saturate(url: str, clients: int, seconds: float) -> Arrivals:
    """Lets clients ask again and again, each time on a connection of its own, which shows what a service can do.

    Args:
        url: what all of them ask for.
        clients: how many there are.
        seconds: how long they go on.
    """
    return asyncio.run(_saturate(url, clients, seconds))


async def _saturate(url: str, clients: int, seconds: float) -> Arrivals:
    outcome, end = Arrivals(), time.monotonic() + seconds
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path

    async def repeat() -> None:
        while time.monotonic() < end:
            await _ask(outcome, parts.netloc, target)

    await asyncio.gather(*(repeat() for _ in range(clients)))
    return outcome


async def _arrive(url: str, rate: float, seconds: float) -> Arrivals:
    outcome, begun = Arrivals(), time.monotonic()
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    async with asyncio.TaskGroup() as clients:
        clients.create_task(_probe(outcome, parts.netloc, begun + seconds))
        for number in range(int(rate * seconds)):
            early = begun + number / rate - time.monotonic()
            if early > 0:
                await asyncio.sleep(early)
            outcome.late = max(outcome.late, -early)
            clients.create_task(_ask(outcome, parts.netloc, target))
    return outcome


async def _ask(outcome: Arrivals, address: str, target: str) -> None:
    begun = time.monotonic()
    status = await _status(address, target)
    outcome.statuses[status] += 1
    outcome.seconds.setdefault(status, []).append(time.monotonic() - begun)


async def _probe(outcome: Arrivals, address: str, end: float) -> None:
    while time.monotonic() < end:
        begun = time.monotonic()
        answered = 0 < await _status(address, "/livez") < 500
        outcome.probes.append(time.monotonic() - begun if answered else PATIENCE_SECONDS)
        await asyncio.sleep(PROBE_SECONDS)


async def _status(address: str, target: str) -> int:
    """Returns the status of an answer; 0 if none comes."""
    host, _, port = address.partition(":")
    message = f"GET {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode()
    transport = None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            connect = asyncio.get_running_loop().create_connection
            transport, client = await connect(lambda: _Client(message), host, int(port))
            await client.end
    except OSError:  # TimeoutError is one
        return 0
    finally:
        if transport is not None:
            transport.close()
    return int(client.answer[9:12] or 0)
