"""Measures one service at a time."""

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import requests

from tests.live import Process
from tools import load

from .contenders import WORKERS, Contender
from .processes import cpu_seconds, memory_mib
from .scenarios import READ, ROWS, SCENARIOS, Scenario

START_SECONDS = 60
STARTS = 7
WARM_UP = 300


@dataclass(frozen=True)
class Measurement:
    """One scenario of one service in one round.

    `cpu` is in microseconds for each request, `throughput` in requests each second, `p50` and
    `p99` are in seconds; `failures` are requests that had another answer than the right one.
    """

    contender: str
    scenario: str
    cpu: float
    throughput: float
    p50: float
    p99: float
    failures: int

    @property
    def counts(self) -> bool:
        """Whether it has answered: what only runs into limits of time has no cost of a request."""
        return self.throughput >= 1


@dataclass(frozen=True)
class Start:
    """What comes before and stays after the requests.

    `seconds` passed until the first answer, in which the processors worked for `cpu` seconds: medians
    of some starts. The others are MiB for each worker: `memory` is proportional, at rest;
    `memory_after` is that after load, `resident_after` counts what processes share in each of them.
    """

    contender: str
    seconds: float
    cpu: float
    memory: float
    memory_after: float
    resident_after: float


def first_answers(
    contenders: list[Contender], address: str, output: Path
) -> dict[str, tuple[float, float]]:
    """Starts the services a few times, by turns.

    Args:
        contenders: the services.
        address: where each of them will be.
        output: a directory for what they write.

    Returns:
        by name, the seconds until it answers and those of CPU time until then: medians.
    """
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for _ in range(STARTS):
        for contender in contenders:
            found[contender.name].append(first_answer(contender, f"http://{address}", output))
    return {
        name: (median(seconds for seconds, _ in all_), median(cpu for _, cpu in all_))
        for name, all_ in found.items()
    }


def run(
    contender: Contender,
    begun: tuple[float, float],
    address: str,
    clients: int,
    requests_: int,
    output: Path,
) -> tuple[Start, list[Measurement]]:
    """Starts a service, asks it everything, and ends it.

    Args:
        contender: the service.
        begun: what `first_answers` has found.
        address: where it will be.
        clients: connections at a time.
        requests_: requests of each scenario, together.
        output: a directory for what it writes.
    """
    url = f"http://{address}"
    with Process(contender.command, contender.directory, output, **contender.variables) as server:
        wait_for_rows(server, url)
        # All workers shall have answered.
        load.crowd(url + READ.target, 20, WARM_UP // 20)
        memory = memory_mib(server.pid) / WORKERS
        measured = [
            measure(server, contender, url, scenario, clients, requests_)
            for scenario in SCENARIOS
            if contender.validates or 400 not in scenario.statuses
        ]
        after = [memory_mib(server.pid, kind) / WORKERS for kind in ("Pss", "Rss")]
    return Start(contender.name, *begun, memory, *after), measured


def first_answer(contender: Contender, url: str, output: Path) -> tuple[float, float]:
    """Starts a service; returns the seconds until it answers, and those of CPU time until then."""
    begun = time.monotonic()
    with Process(contender.command, contender.directory, output, **contender.variables) as server:
        wait_for_rows(server, url)
        return time.monotonic() - begun, cpu_seconds(server.pid)


def wait_for_rows(server: Process, url: str) -> None:
    """Waits for the first answer, which has to have the rows.

    Raises:
        AssertionError: the server has ended, or says something else.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        server.check()
        with suppress(requests.ConnectionError):
            answer = requests.get(url + READ.target, timeout=10)
            assert answer.status_code == 200, answer.text
            assert len(answer.json()["items"]) == ROWS
            return
        time.sleep(0.01)
    raise AssertionError(f"no answer within {START_SECONDS} s")


def measure(
    server: Process,
    contender: Contender,
    url: str,
    scenario: Scenario,
    clients: int,
    requests_: int,
) -> Measurement:
    """Asks one thing many times."""
    before, begun = cpu_seconds(server.pid), time.monotonic()
    outcome = load.crowd(
        url + scenario.target, clients, max(1, requests_ // clients), body=scenario.body
    )
    seconds, cpu = time.monotonic() - begun, cpu_seconds(server.pid) - before
    answered = len(outcome.seconds)
    right = sum(outcome.statuses[status] for status in scenario.statuses)
    return Measurement(
        contender.name,
        scenario.name,
        cpu=cpu / max(1, answered) * 1e6,
        throughput=answered / seconds,
        p50=outcome.percentile(50) if answered else 0,
        p99=outcome.percentile(99) if answered else 0,
        failures=answered - right + sum(outcome.faults.values()),
    )
