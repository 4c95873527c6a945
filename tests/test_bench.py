"""The comparison with other services: its accounts, its tables, and a small run of all of it."""

import os
import re
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bench import processes, report
from bench.contenders import BARE, CONNEXION, SERVICE
from bench.measure import Measurement, Start
from bench.scenarios import READ, REFUSAL, WRITE
from tools import load
from tools.template import REPOSITORY


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
    for bare, own in ((100, 110), (100, 120), (200, 400)):
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
    for name in ("bare Flask", "the service", "stock Connexion", "Django", "FastAPI, async"):
        rows = re.findall(rf"^\| {name} \|.*\| (\d+) \|$", made.stdout, re.MULTILINE)
        assert len(rows) == (4 if name == "bare Flask" else 6), made.stdout
        assert set(rows) == {"0"}, made.stdout
    for database in ("postgresql", "sqlite"):
        assert (REPOSITORY / "bench" / "results" / f"{database}.png").stat().st_size > 5000
