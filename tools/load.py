"""Many clients of an HTTP service at once, each on a connection that it keeps."""

import asyncio
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Outcome:
    """What the clients saw."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """The time in seconds within which as many percent of the requests were answered."""
        return sorted(self.seconds)[(len(self.seconds) - 1) * percent // 100]

    def percentiles(self) -> str:
        """Tells how long requests took."""
        return ", ".join(
            f"p{percent} {self.percentile(percent):.2f} s" for percent in (50, 90, 99, 100)
        )


PATIENCE_SECONDS = 30
"""A client that has waited so long for an answer asks no more: the rest of its requests have failed, too."""


def crowd(
    url: str,
    clients: int,
    requests: int,
    pause: float = 0,
    body: Callable[[], bytes] | None = None,
) -> Outcome:
    """Lets clients connect all at once, and each ask so many times, one after the other.

    Args:
        url: what all of them ask for.
        clients: how many there are.
        requests: how often each of them asks.
        pause: how many seconds each waits between an answer and its next request.
        body: makes the JSON of each request, which is a POST then.
    """
    # A connection is a file; many systems begin with 1,024 for a process.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return asyncio.run(_crowd(url, clients, requests, pause, body))


async def _crowd(
    url: str, clients: int, requests: int, pause: float, body: Callable[[], bytes] | None
) -> Outcome:
    outcome = Outcome()
    await asyncio.gather(*(_client(url, requests, pause, body, outcome) for _ in range(clients)))
    return outcome


def _message(url: str, body: bytes | None) -> bytes:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"{'GET' if body is None else 'POST'} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


async def _client(
    url: str,
    requests: int,
    pause: float,
    body: Callable[[], bytes] | None,
    outcome: Outcome,
) -> None:
    parts = urlsplit(url)
    writer = None
    for asked in range(requests):
        message = _message(url, body() if body else None)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                if writer is None:
                    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
                writer.write(message)
                status, closes = await _answer(reader)
        except TimeoutError:
            outcome.faults["TimeoutError"] += requests - asked
            break
        except (OSError, EOFError) as error:
            outcome.faults[type(error).__name__] += 1
            closes = True
        else:
            outcome.statuses[status] += 1
            outcome.seconds.append(time.monotonic() - begun)
        if closes and writer is not None:
            writer.close()
            writer = None
        await asyncio.sleep(pause)
    if writer is not None:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Reads an answer; returns its status, and whether the connection ends with it."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    await reader.readexactly(int(headers["content-length"]))
    return int(lines[0].split()[1]), headers.get("connection") == "close"
