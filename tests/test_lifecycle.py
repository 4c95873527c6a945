"""How a generated service starts, bears a crowd, and ends: real gunicorn, PostgreSQL and proxies."""

import itertools
import json
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tools import load

from .live import Database, HAProxy, Nginx, Proxy, Service, Site, asking, run, wait_for

COLORS = "/v1/colors"
DELAY, GRACE = 1, 10
ENDS_SOON = {"APP_SERVER__DRAIN_DELAY": str(DELAY), "APP_SERVER__GRACE_PERIOD": str(GRACE)}
# What makes spans.
SPANS = {"opentelemetry.sdk", "opentelemetry.instrumentation.sqlalchemy"}
# Every query of the colors takes a while.
SLOW_QUERIES = """
    INSERT INTO colors (id, name, category, priority, version, created_at, updated_at)
        VALUES (gen_random_uuid(), 'Red', 'warm', 0, 1, now(), now());
    ALTER TABLE colors RENAME TO stored;
    CREATE VIEW colors AS
        WITH pause AS MATERIALIZED (SELECT pg_sleep(0.2))
        SELECT stored.* FROM stored CROSS JOIN pause
    """
# To store a color takes a while.
SLOW_CHANGES = """
    CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN PERFORM pg_sleep(1.5); RETURN NEW; END $$;
    CREATE TRIGGER pause BEFORE INSERT ON colors FOR EACH ROW EXECUTE FUNCTION pause()
    """


@pytest.fixture
def start(default: Path, database: Database, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Starts instances of the default service on one database."""
    with ExitStack() as stack:

        def started(**variables: str) -> Service:
            service = Service(default, tmp_path, **database.variables, **variables)
            return stack.enter_context(service)

        yield started


# The start


@pytest.mark.timeout(120)
def test_the_first_process_has_imported_what_is_needed_and_not_what_is_only_there(
    default: Path, start: Callable[..., Service]
) -> None:
    service = start()
    wait_for(lambda: len(service.workers()) == 2, "start of both workers")
    assert any(default.glob(".venv/lib/*/site-packages/aiohttp/*.so"))
    for process in (service.pid, *service.workers()):
        libraries = Path(f"/proc/{process}/maps").read_text()
        assert "jsonschema_rs" in libraries
        assert "aiohttp" not in libraries


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("disabled", "traced"), [("true", set()), ("false", SPANS)])
def test_the_first_process_imports_what_the_workers_use_and_no_more(
    default: Path, disabled: str, traced: set[str]
) -> None:
    used = {"flask", "sqlalchemy.dialects.postgresql.psycopg"}
    looked_for = used | SPANS | {"alembic"}
    script = f"""
import gc, logging, runpy, sys
from types import SimpleNamespace
cfg = SimpleNamespace(reload=False, wsgi_app="color_palette.wsgi:app")
server = SimpleNamespace(cfg=cfg, log=logging.getLogger())
when_ready = runpy.run_path("gunicorn.conf.py")["when_ready"]
# Each of them is imported in a way of its own: after the counts are shared, and without aiohttp.
assert not {{"prometheus_client", "connexion"}} & set(sys.modules)
when_ready(server)
assert gc.isenabled()
runpy.run_path("gunicorn.conf.py")  # as SIGHUP does
assert gc.isenabled()
print(*({looked_for} & set(sys.modules)))
"""
    variables = {
        "APP_DATABASE__URL": "postgresql://nobody@localhost/nothing",
        "APP_METRICS__BIND": "",
        "OTEL_SDK_DISABLED": disabled,
    }
    imported = run(default, "python", "-c", script, **variables)
    assert set(imported.stdout.split()) == used | traced, imported.stderr


# The end


@pytest.mark.timeout(120)
def test_what_an_instance_has_accepted_is_answered_while_it_ends(
    start: Callable[..., Service], database: Database, tmp_path: Path
) -> None:
    services = two_of(start)
    database.run(SLOW_CHANGES)
    names = [f"Color {number}" for number in range(100)]
    with balanced(services, tmp_path) as proxy, ThreadPoolExecutor(len(names)) as pool:
        slow = [pool.submit(proxy.post, COLORS, name=name, category="warm") for name in names]
        ending, _ = services
        wait_for(lambda: in_progress(ending, "POST") >= 50, "50 requests in progress")
        with constant_load(proxy.url + COLORS) as outcomes:
            begun = time.monotonic()
            ending.terminate()
            wait_for(lambda: ending.status("/livez") == 0, "end of accepting connections")
            assert not all(future.done() for future in slow)
            assert ending.wait() == 0
            assert DELAY < time.monotonic() - begun < DELAY + GRACE
            answers = [future.result() for future in slow]
        assert [(answer.status_code, answer.json().get("name")) for answer in answers] == [
            (201, name) for name in names
        ]
    assert database.run("SELECT count(*) FROM colors") == [(100,)]
    check_all_answered(outcomes)


@pytest.mark.timeout(120)
def test_a_rolling_restart_behind_a_proxy_loses_no_request(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    services = two_of(start)
    with (
        balanced(services, tmp_path) as proxy,
        constant_load(proxy.url + COLORS) as outcomes,
    ):
        for old in services:
            address = old.url.removeprefix("http://")
            old.terminate()
            assert old.wait() == 0
            assert start(APP_SERVER__BIND=address, **ENDS_SOON).ready()
            # The proxy has to learn of the new one before it loses the other.
            time.sleep(1)
        wait_for(
            lambda: sum(outcome.statuses.total() for outcome in outcomes) >= 2000, "requests", 60
        )
    check_all_answered(outcomes)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("proxy", [None, HAProxy, Nginx])
def test_connections_that_clients_keep_lose_no_request_when_a_service_is_reloaded_or_ends(
    start: Callable[..., Service], database: Database, tmp_path: Path, proxy: type[Proxy] | None
) -> None:
    services = two_of(start)
    reloaded, ending = services
    sites: list[Site] = [*services]
    with ExitStack() as stack:
        if proxy:
            sites = [stack.enter_context(balanced(services, tmp_path, proxy))]
        loads = [
            (
                stack.enter_context(busy_load(site.url + COLORS)),
                stack.enter_context(busy_load(site.url + COLORS, body=new_color)),
            )
            for site in sites
        ]
        probes = stack.enter_context(asking(lambda: reloaded.status("/readyz")))
        time.sleep(0.5)
        reloaded.send(signal.SIGHUP)
        wait_for(lambda: exited_workers(reloaded) == 2, "end of the old workers", 30)
        ending.terminate()
        assert ending.wait() == 0
    assert set(probes) == {200}
    created = 0
    for reads, writes in loads:
        check_all_answered(reads, refusals=proxy is None)
        check_all_answered(writes, 201, refusals=proxy is None)
        created += sum(outcome.statuses[201] for outcome in writes)
    assert database.run("SELECT count(*) FROM colors") == [(created,)]


@pytest.mark.timeout(120)
def test_a_second_signal_ends_the_drain_and_no_request(
    start: Callable[..., Service], database: Database
) -> None:
    service = start(APP_SERVER__DRAIN_DELAY="20", APP_SERVER__GRACE_PERIOD="20")
    with database.connect() as connection, ThreadPoolExecutor(20) as pool:
        with connection.transaction():
            connection.execute("LOCK TABLE colors IN ACCESS EXCLUSIVE MODE")
            waiting = [pool.submit(service.status, COLORS) for _ in range(20)]
            wait_for(lambda: in_progress(service, "GET") == 20, "requests in progress")
            begun = time.monotonic()
            service.terminate()
            wait_for(lambda: not service.ready(), "being unready")
            service.send(signal.SIGINT)
            # gunicorn would wait for two.
            time.sleep(3)
        assert [future.result() for future in waiting] == [200] * 20
    assert service.wait() == 0
    assert time.monotonic() - begun < 15


@pytest.mark.timeout(120)
def test_the_end_does_not_wait_until_a_reload_is_over(start: Callable[..., Service]) -> None:
    delay = 4
    service = start(APP_SERVER__DRAIN_DELAY=str(delay))
    begun = time.monotonic()
    service.send(signal.SIGHUP)
    wait_for(lambda: len(service.workers()) == 4, "new workers")
    service.terminate()
    wait_for(lambda: not any(service.ready() for _ in range(10)), "being unready", delay)
    assert service.wait() == 0
    # It took this twice, and more.
    assert time.monotonic() - begun < 2 * delay


@pytest.mark.timeout(120)
def test_a_request_that_takes_too_long_does_not_hold_up_the_end(
    start: Callable[..., Service], database: Database
) -> None:
    service = start(APP_SERVER__DRAIN_DELAY="0", APP_SERVER__GRACE_PERIOD="1")
    with database.connect() as connection, connection.transaction():
        connection.execute("LOCK TABLE colors IN ACCESS EXCLUSIVE MODE")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(service.status, COLORS)
            wait_for(lambda: in_progress(service, "GET") == 1, "request in progress")
            begun = time.monotonic()
            service.terminate()
            assert service.wait() == 0
            assert time.monotonic() - begun < 8
            assert waiting.result() in (0, 500, 503)
    assert "SIGKILL" not in service.output
    assert exited_workers(service) == 2


# The crowd


@pytest.mark.timeout(120)
def test_a_thousand_clients_at_once_are_all_answered(start: Callable[..., Service]) -> None:
    # How fast the machine is decides how long they wait, not whether they are served in turn.
    service = start(APP_DATABASE__POOL_TIMEOUT="60")
    for name in ("Red", "Green", "Blue"):
        service.post(COLORS, name=name, category="warm")
    with constant_load(service.url + "/readyz", clients=1) as probes:
        outcome = load.crowd(service.url + COLORS, clients=1000, requests=5)
    assert (outcome.statuses, outcome.faults) == ({200: 5000}, {})
    assert outcome.percentile(99) < 3 * outcome.percentile(50), outcome.percentiles()
    check_all_answered(probes)
    wait_for(lambda: service.metrics()["db_pool_connections_in_use"] == 0, "end of all queries")


@pytest.mark.timeout(120)
def test_requests_that_wait_for_the_database_do_not_wait_for_each_other(
    start: Callable[..., Service], database: Database
) -> None:
    service = start(APP_SERVER__WORKERS="1")
    database.run(SLOW_QUERIES)
    for _ in range(2):  # the first time makes the connections
        begun = time.monotonic()
        outcome = load.crowd(service.url + COLORS, clients=50, requests=1)
        seconds = time.monotonic() - begun
        assert (outcome.statuses, outcome.faults) == ({200: 50}, {})
    assert seconds < 1.5


@pytest.mark.timeout(120)
def test_a_worker_that_is_renewed_loses_no_request_and_no_count(
    start: Callable[..., Service],
) -> None:
    service = start(APP_SERVER__MAX_REQUESTS="300", APP_SERVER__MAX_REQUESTS_JITTER="100")
    asked = 0
    # A worker looks once a second whether it has had enough: how many follow depends on the speed.
    while len(service.workers()) < 5:
        outcome = load.crowd(service.url + COLORS, clients=10, requests=200)
        assert (outcome.statuses, outcome.faults) == ({200: 2000}, {})
        asked += 2000
    metrics = service.metrics()
    series = f'{{method="GET",path="{COLORS}",status="200"}}'
    assert metrics[f"http_requests_total{series}"] == asked
    assert metrics[f"http_request_duration_seconds_count{series}"] == asked


def two_of(start: Callable[..., Service]) -> list[Service]:
    """Starts two instances at the same time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: start(**ENDS_SOON), range(2)))


def in_progress(service: Service, method: str) -> float:
    """How many requests for colors an instance is about to answer."""
    series = f'http_requests_in_progress{{method="{method}",path="{COLORS}"}}'
    return service.metrics().get(series, 0)


def exited_workers(service: Service) -> int:
    """How many workers have ended so far."""
    return len(re.findall("Worker exiting", service.output))


@contextmanager
def balanced(services: list[Service], output: Path, kind: type[Proxy] = HAProxy) -> Iterator[Proxy]:
    """Puts a proxy before instances, which has found all of them."""
    with kind([service.url.removeprefix("http://") for service in services], output) as proxy:
        proxy.check()
        wait_for(proxy.ready, "start of the proxy")
        time.sleep(1)
        yield proxy


NUMBERS = itertools.count()


def new_color() -> bytes:
    """A color with a name that no other has."""
    return json.dumps({"name": f"Color {next(NUMBERS)}", "category": "warm"}).encode()


@contextmanager
def busy_load(url: str, body: Callable[[], bytes] | None = None) -> Iterator[list[load.Outcome]]:
    """Lets clients ask without a pause, on connections that they keep for long."""
    with constant_load(url, 6, requests=100, pause=0, body=body) as outcomes:
        yield outcomes


@contextmanager
def constant_load(
    url: str,
    clients: int = 10,
    requests: int = 10,
    pause: float = 0.03,
    body: Callable[[], bytes] | None = None,
) -> Iterator[list[load.Outcome]]:
    """Lets clients ask all the time, on kept and on new connections; gives what they see."""
    outcomes: list[load.Outcome] = []
    over = threading.Event()

    def repeat() -> None:
        while not over.is_set():
            outcomes.append(load.crowd(url, clients, requests, pause, body))

    with ThreadPoolExecutor(1) as pool:
        running: Any = pool.submit(repeat)
        try:
            yield outcomes
        finally:
            over.set()
        running.result()


def check_all_answered(
    outcomes: list[load.Outcome], expected: int = 200, *, refusals: bool = False
) -> None:
    """Every request got the right answer; connections may have been refused if nobody was to listen."""
    assert {status for outcome in outcomes for status in outcome.statuses} == {expected}
    faults = {name for outcome in outcomes for name in outcome.faults}
    assert faults <= ({"ConnectionRefusedError"} if refusals else set())
