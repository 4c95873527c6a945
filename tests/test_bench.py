"""The comparison with other services: its accounts, its tables, and a small run of all of it."""

import itertools
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench import overload, processes, report
from bench.contenders import AUTOCOMMIT, BARE, CONNEXION, SERVICE, TRACED
from bench.measure import Measurement, Start
from bench.scenarios import READ, REFUSAL, WRITE
from tools import arrivals, load
from tools.template import REPOSITORY

from .live import free_address


def test_the_time_of_a_process_and_of_all_that_it_starts_is_counted() -> None:
    busy = "import time; end = time.process_time() + 0.5\nwhile time.process_time() < end: pass"
    script = f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', '''{busy}'''])"
    parent = f"{script}\nprint(flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            process.stdout.readline()
            assert 0.5 <= processes.cpu_seconds(process.pid) < 2
            assert 1 < processes.memory_mib(process.pid) < processes.memory_mib(process.pid, "Rss")
        finally:
            process.kill()


@pytest.fixture
def mute() -> object:
    """The URL of a server that never answers."""
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            released.wait(60)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    released.set()
    server.shutdown()
    server.server_close()


def test_a_client_without_an_answer_asks_no_more(
    mute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "PATIENCE_SECONDS", 0.3)
    begun = time.monotonic()
    outcome = load.crowd(mute, clients=3, requests=100)
    assert outcome.faults == {"TimeoutError": 300}
    assert time.monotonic() - begun < 5


def measurement(contender: str, scenario: str, cpu: float) -> Measurement:
    return Measurement(contender, scenario, cpu, throughput=100, p50=1, p99=2.5, failures=0)


def test_the_tables_have_medians_of_what_each_round_compares() -> None:
    rounds: report.Rounds = []
    for bare, own in ((100, 110), (100, 120), (200, 400), *[(100, 120)] * 3):
        for name, cpu in ((BARE, bare), (SERVICE, own), (CONNEXION, 2 * bare)):
            scenarios = [READ, WRITE] if name == BARE else [READ, WRITE, REFUSAL]
            measured = [measurement(name, scenario.name, cpu) for scenario in scenarios]
            rounds.append((Start(name, 1, cpu / 100, 50, 60, 90), measured))
    text = "\n".join(report.tables("SQLite", {"cores": "2"}, rounds))
    assert text.count("| the service | 120 µs | 1.20 | 1.10 to 2.00 | 100 | 1.00 s | 2.50 s |") == 2
    assert "| the service | 120 µs | 0.60 | 0.55 to 1.00 |" in text, "refusals: to stock Connexion"
    assert (
        "| the service | 1.00 s | 1.00 | 1.20 s | 1.20 | 50 MiB | 60 MiB | 1.00 | 90 MiB |" in text
    )


def test_an_interval_needs_six_rounds_and_gets_narrower_with_more() -> None:
    values = [float(number) for number in range(1, 21)]
    assert report.interval(values[:5]) == "-"
    assert report.interval(values[:6]) == "1.00 to 6.00"
    # Of twenty, at most five are above the median, or at most five below it, with a chance of 4.1 %.
    assert report.interval(values[::-1]) == "6.00 to 15.00"


def test_who_answers_nothing_has_no_cost() -> None:
    stuck = Measurement("stuck", READ.name, 10**6, throughput=0.1, p50=0, p99=0, failures=999)
    rounds: report.Rounds = [
        (Start(BARE, 1, 1, 50, 60, 90), [measurement(BARE, READ.name, 100)]),
        (Start("stuck", 1, 1, 50, 60, 90), [stuck]),
    ]
    text = "\n".join(report.tables("SQLite", {"cores": "2"}, rounds))
    assert "| stuck | - | - | - | - | - | - | - | 999 |" in text


@pytest.mark.skipif("TEST_ALL" not in os.environ, reason="takes minutes: make test-all runs it")
def test_a_small_run_measures_everybody(tmp_path: Path) -> None:
    small = "BENCH=--clients 20 --requests 200 --rounds 1"
    made = subprocess.run(
        ["make", "bench", f"PYTHON={sys.executable}", small],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    for name in (BARE, AUTOCOMMIT, SERVICE, TRACED, CONNEXION, "Django", "FastAPI, async"):
        rows = re.findall(rf"^\| {name} \|.*\| (\d+) \|$", made.stdout, re.MULTILINE)
        assert len(rows) == (4 if name in (BARE, AUTOCOMMIT) else 6), made.stdout
        assert set(rows) == {"0"}, made.stdout
    for database in ("postgresql", "sqlite"):
        assert (REPOSITORY / "bench" / "results" / f"{database}.png").stat().st_size > 5000


class Slow(BaseHTTPRequestHandler):
    """Refuses every second request, and takes a while for the others."""

    numbers = itertools.count()

    def do_GET(self) -> None:
        refused = self.path != "/livez" and next(self.numbers) % 2
        time.sleep(0 if refused or self.path == "/livez" else 0.2)
        self.send_response(503 if refused else 200)
        self.end_headers()


@pytest.fixture
def slow() -> Iterator[str]:
    """The URL of a server that refuses half of what it is asked for."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_clients_arrive_whether_or_not_others_are_answered(slow: str) -> None:
    outcome = arrivals.arrive(f"{slow}/?a=b", rate=20, seconds=1)
    assert outcome.statuses == {200: 10, 503: 10}
    assert all(seconds >= 0.2 for seconds in outcome.seconds[200])
    assert (outcome.in_time(0.1), outcome.in_time(10)) == (0, 10)
    assert outcome.probes
    assert max(outcome.probes) < arrivals.PATIENCE_SECONDS


def test_clients_that_saturate_ask_again_when_they_are_answered(slow: str) -> None:
    outcome = arrivals.saturate(f"{slow}/", clients=2, seconds=1)
    assert 2 <= outcome.statuses[200] <= 12
    assert outcome.statuses[503] >= 1


def test_who_is_not_there_has_no_status() -> None:
    address = free_address()
    assert arrivals.arrive(f"http://{address}/", rate=10, seconds=0.3).statuses == {0: 3}


def test_a_load_is_judged_by_what_was_possible() -> None:
    outcome = arrivals.Arrivals(probes=[0.1, 0.3])
    outcome.statuses.update({200: 90, 503: 110})
    outcome.seconds = {200: [1.0] * 80 + [60.0] * 10, 503: [2.0] * 110}
    load_ = overload.judge(SERVICE, 2.0, 100, outcome, used=1.01, cost=0.01)
    assert (load_.goodput, load_.refused, load_.p99, load_.probe) == (0.8, 0.55, 60.0, 0.3)
    # 0.11 s for 110 refusals: a tenth of what an answer takes.
    assert load_.refusal == pytest.approx(0.1)
    text = "\n".join(overload.table(overload.WAITING, [load_]))
    assert "| the service | 2.0 | 0.80 | 55% | 60.00 s | 0.30 s | 0.10 |" in text
