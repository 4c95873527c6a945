"""Show what services do that are asked for more than they can: python -m bench.overload --help"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import psycopg

from tests.live import Process, free_address
from tools.arrivals import Arrivals, arrive, saturate

from .__main__ import PYTHON, database, fill
from .collector import collector
from .contenders import BARE, SERVICE, Contender, contenders, install_service
from .measure import wait_for_rows
from .processes import cpu_seconds
from .scenarios import READ

TIMES = (0.8, 2.0, 5.0)
CLIENTS = 50
# Longer than a request takes that does not wait.
ANSWER_SECONDS = 0.5
# The service's own default is longer; so a short run sees it end.
MAX_WAIT = 2.0
WAITING, COMPUTING = "waits 50 ms for the database", "is bound by the processor"
# Every query of the colors takes a while.
SLOW_QUERIES = """
    ALTER TABLE colors RENAME TO stored;
    CREATE VIEW colors AS
        WITH pause AS MATERIALIZED (SELECT pg_sleep(0.05))
        SELECT stored.* FROM stored CROSS JOIN pause
    """
WITHOUT = f"{SERVICE}, max_wait 0"


@dataclass(frozen=True)
class Load:
    """What a service did at a multiple of its capacity.

    `goodput` is the part of the capacity that was answered in time; `probe` the longest wait of /livez in seconds, `refusal` the
    cost of a refusal by that of an answer.
    """

    contender: str
    times: float
    goodput: float
    refused: float
    p99: float
    probe: float
    refusal: float


def measure(contender: Contender, address: str, seconds: float, output: Path) -> list[Load]:
    """Measures the capacity of a service, and then what it does at multiples of that."""
    url = f"http://{address}"
    with Process(contender.command, contender.directory, output, **contender.variables) as server:
        wait_for_rows(server, url)
        saturate(url + READ.target, CLIENTS, 1)
        before = cpu_seconds(server.pid)
        answered = saturate(url + READ.target, CLIENTS, seconds).statuses[200]
        cost = (cpu_seconds(server.pid) - before) / answered
        capacity = answered / seconds
        found = []
        for times in TIMES:
            before = cpu_seconds(server.pid)
            outcome = arrive(url + READ.target, times * capacity, seconds)
            used = cpu_seconds(server.pid) - before
            found.append(judge(contender.name, times, capacity * seconds, outcome, used, cost))
        return found


def judge(
    name: str, times: float, capacity: float, outcome: Arrivals, used: float, cost: float
) -> Load:
    """Compares what the clients saw with what the service could do.

    Args:
        name: the service.
        times: the rate of the arrivals, as a multiple of the capacity.
        capacity: requests that could be answered in the time of the arrivals.
        outcome: what the clients saw.
        used: seconds of CPU time.
        cost: seconds of CPU time for an answer.
    """
    answers, refused = outcome.statuses[200], outcome.statuses[503]
    times_of_answers = sorted(outcome.seconds.get(200, [0.0]))
    return Load(
        name,
        times,
        goodput=outcome.in_time(MAX_WAIT + ANSWER_SECONDS) / capacity,
        refused=refused / outcome.statuses.total(),
        p99=times_of_answers[(len(times_of_answers) - 1) * 99 // 100],
        probe=max(outcome.probes),
        refusal=max(0.0, used - answers * cost) / refused / cost if refused else 0.0,
    )


def table(kind: str, loads: list[Load]) -> Iterable[str]:
    """The lines of a table: medians of the rounds."""
    yield from [f"### A read that {kind}", ""]
    yield (
        "| | arrivals by capacity | answered in time by capacity | refused "
        "| p99 of answers | longest probe | refusal by answer |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name in dict.fromkeys(load.contender for load in loads):
        for times in TIMES:
            group = [load for load in loads if (load.contender, load.times) == (name, times)]
            if not group:
                continue
            goodput, refused, p99, probe, refusal = (
                median(getattr(load, field) for load in group)
                for field in ("goodput", "refused", "p99", "probe", "refusal")
            )
            part = f"{refusal:.2f}" if refused else "-"
            yield (
                f"| {name} | {times} | {goodput:.2f} | {refused:.0%} "
                f"| {p99:.2f} s | {probe:.2f} s | {part} |"
            )
    yield ""


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of arrivals, for each rate")
    parser.add_argument("--rounds", type=int, default=6)
    options = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("The peers are not installed; `make bench` does that first.")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        service = install_service(directory / "service", "postgresql")
        with database("PostgreSQL", directory) as url, collector() as traces:
            fill(service, url)
            for kind in (COMPUTING, WAITING):
                if kind == WAITING:
                    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as opened:
                        opened.execute(SLOW_QUERIES)
                loads = []
                for number in range(options.rounds):
                    address = free_address()
                    all_ = compared(contenders(service, address, url, traces))
                    turn = number % len(all_)
                    for contender in all_[turn:] + all_[:turn]:
                        print(f"{kind}, round {number + 1}: {contender.name}", file=sys.stderr)
                        loads += measure(contender, address, options.seconds, directory)
                print("\n".join(table(kind, loads)))


def compared(all_: list[Contender]) -> list[Contender]:
    """The service, the same without a limit, and bare Flask."""
    by_name = {contender.name: contender for contender in all_}
    own = by_name[SERVICE]
    limit = "APP_SERVER__MAX_WAIT"
    return [
        replace(own, variables=own.variables | {limit: str(MAX_WAIT)}),
        replace(own, name=WITHOUT, variables=own.variables | {limit: "0"}),
        by_name[BARE],
    ]


if __name__ == "__main__":
    main()
