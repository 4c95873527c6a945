"""Generated services as they run: real gunicorn, real PostgreSQL, real signals."""

import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from tools.template import REPOSITORY

from .conftest import Bake
from .live import (
    PASSWORD,
    START_SECONDS,
    Database,
    PostgreSQL,
    Process,
    Service,
    Site,
    asking,
    environment,
    free_address,
    free_addresses,
    migrate,
    run,
    wait_for,
)
from .test_service import AWKWARD, check_report

COLORS = "/v1/colors"
COUNTER = f'http_requests_total{{method="GET",path="{COLORS}",status="200"}}'
IN_PROGRESS = f'http_requests_in_progress{{method="GET",path="{COLORS}"}}'
FIELDS = {
    "timestamp",
    "severity",
    "name",
    "module",
    "funcName",
    "lineno",
    "message",
    "service",
    "trace",
    "span",
    "parent",
}
ACCESS_FIELDS = FIELDS | {"method", "path", "status", "duration_ms"}
# gunicorn adds them to lines at the level DEBUG.
GAUGE_FIELDS = FIELDS | {"metric", "value", "mtype"}
MALFORMED = [
    b"nonsense\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nBroken header\r\n\r\n",
    b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
    b"GET /%zz\x00\xff\n HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /v1/colors HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET /v1/colors HTTP/1.1\r\nHost: half of a req",
    b"",
]
DEVELOPMENT = {"APP_CONFIG_FILE": "config/development.yaml"}


# PostgreSQL


@pytest.mark.timeout(120)
def test_two_workers_keep_what_they_are_given_in_postgresql(
    default: Path, database: Database, tmp_path: Path
) -> None:
    with Service(default, tmp_path, **database.variables) as service:
        wait_for(lambda: len(service.workers()) == 2, "second worker")
        created = service.post(COLORS, name="Red", category="warm")
        assert created.status_code == 201
        for _ in range(10):
            assert service.get(COLORS).json()["items"] == [created.json()]
        assert service.get(created.headers["Location"]).json() == created.json()
    assert database.run("SELECT id::text, name, category FROM colors") == [
        (created.json()["id"], "Red", "warm")
    ]


@pytest.mark.timeout(120)
def test_four_migrations_at_once_all_succeed(default: Path, empty_database: Database) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = [pool.submit(migrate, default, empty_database) for _ in range(4)]
        for result in results:
            result.result()
    assert empty_database.run("SELECT count(*) FROM colors") == [(0,)]
    assert len(empty_database.run("SELECT * FROM alembic_version")) == 1


@pytest.mark.timeout(120)
def test_four_migrations_of_a_file_at_once_all_succeed(default: Path, tmp_path: Path) -> None:
    file = tmp_path / "colors.db"
    url = {"APP_ENVIRONMENT": "development", "APP_DATABASE__URL": f"sqlite:///{file}"}
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(
            lambda _: run(default, "color-palette", "db", "upgrade", **url), range(4)
        )
    assert [
        (result.returncode, result.stderr[-500:]) for result in results if result.returncode
    ] == []
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchall() == [(1,)]
        assert connection.execute("SELECT count(*) FROM colors").fetchall() == [(0,)]


@pytest.mark.timeout(120)
def test_a_migration_of_a_file_waits_for_the_one_that_runs(default: Path, tmp_path: Path) -> None:
    file = tmp_path / "colors.db"
    url = {"APP_ENVIRONMENT": "development", "APP_DATABASE__URL": f"sqlite:///{file}"}
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        impatient = {**url, "APP_DATABASE__CONNECT_TIMEOUT": "1"}
        waiting = pool.submit(run, default, "color-palette", "db", "upgrade", **impatient)
        # Everything else would have begun by then, and given up after a second.
        time.sleep(8)
        assert not waiting.done()
        connection.execute("ROLLBACK")
        assert waiting.result().returncode == 0


@pytest.mark.timeout(180)
def test_an_outage_of_the_database_is_told_and_survived(default: Path, tmp_path: Path) -> None:
    with PostgreSQL(default) as server, Database(server.url) as database:
        migrate(default, database)
        with Service(default, tmp_path, **database.variables) as service:
            created = service.post(COLORS, name="Red", category="warm")
            # Both workers shall have connections to lose.
            assert all_of(40, lambda: service.status(COLORS)) == {200: 40}
            with asking(lambda: service.status("/livez")) as alive:
                server.stop()
                check_outage(service)
                server.start()
                wait_for(service.ready, "recovery of the service")
                assert all_of(40, lambda: service.status(COLORS)) == {200: 40}
            assert set(alive) == {200}
            assert service.get("/healthcheck").json()["checks"]["database"] == "up"
            assert service.get(COLORS).json()["items"] == [created.json()]
            assert len(service.workers()) == 2
            check_pool_metrics(service, database)
            assert PASSWORD not in service.output + service.errors


def check_outage(service: Service) -> None:
    """Every worker says that the database is down, to each in its own way, and no more."""
    for path in ["/readyz", "/healthcheck"] * 5:
        answer = service.get(path)
        assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "down")
        assert set(answer.json()) == {"status", "checks"}
        assert_tells_nothing(answer)
    ask: list[Callable[[], requests.Response]] = [
        lambda: service.get(COLORS),
        lambda: service.get(f"{COLORS}/00000000-0000-0000-0000-000000000000"),
        lambda: service.post(COLORS, name="Blue", category="cold"),
    ]
    for one in ask * 5:
        answer = one()
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert_tells_nothing(answer)


def assert_tells_nothing(answer: requests.Response) -> None:
    for word in (PASSWORD, "psycopg", "postgres", "socket", "Traceback", "SELECT"):
        assert word.lower() not in answer.text.lower()


def check_pool_metrics(service: Service, database: Database) -> None:
    """The gauges of the pools say what the database says."""
    (count,) = database.run(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid()"
    )[0]
    metrics = service.metrics()
    assert metrics["db_pool_connections_in_use"] == 0
    assert metrics["db_pool_connections_open"] == count


def all_of(times: int, ask: Callable[[], Any]) -> Counter[Any]:
    """Asks as often, a few times at once, and counts the different answers."""
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda _: ask(), range(times)))


# Metrics


@pytest.mark.timeout(180)
def test_counts_are_exact_on_every_scrape_whatever_happens_to_a_worker(
    default: Path, database: Database, tmp_path: Path
) -> None:
    with Service(default, tmp_path, APP_SERVER__WORKERS="4", **database.variables) as service:
        wait_for(lambda: len(service.workers()) == 4, "four workers")
        list_colors(service, 600)
        check_scrapes(service, 600)
        service.kill_worker()
        check_scrapes(service, 600)
        list_colors(service, 400)
        check_scrapes(service, 1000)


def list_colors(service: Service, times: int) -> None:
    """Sends requests from twenty threads, on kept and on new connections."""

    def send(count: int) -> list[int]:
        statuses = []
        for _ in range(count // 10):
            with requests.Session() as session:
                for _ in range(10):
                    statuses.append(session.get(service.url + COLORS, timeout=30).status_code)
        return statuses

    with ThreadPoolExecutor(20) as pool:
        statuses = [status for many in pool.map(send, [times // 20] * 20) for status in many]
    assert Counter(statuses) == {200: times}


def check_scrapes(service: Service, expected: int) -> None:
    for _ in range(20):
        metrics = service.metrics()
        assert (metrics[COUNTER], metrics[IN_PROGRESS]) == (expected, 0)


@pytest.mark.timeout(120)
def test_a_second_gunicorn_is_refused_and_leaves_the_counts_alone(
    default: Path, database: Database, tmp_path: Path
) -> None:
    counts = tmp_path / "counts"
    variables = {**database.variables, "PROMETHEUS_MULTIPROC_DIR": str(counts)}
    with Service(default, tmp_path, **variables) as service:
        assert service.get(COLORS).status_code == 200
        service.send(signal.SIGUSR2)
        wait_for(lambda: "Two gunicorns cannot count together" in service.output, "refusal")
        assert service.get(COLORS).status_code == 200
        assert service.metrics()[COUNTER] == 2
        service.terminate()
        assert service.wait() == 0
        assert service.errors == ""


@pytest.mark.timeout(120)
def test_without_metrics_there_is_no_page_of_them(install: Bake, tmp_path: Path) -> None:
    with Service(install(database="none", metrics=False), tmp_path) as service:
        assert service.get("/metrics").status_code == 404
        assert service.get(COLORS).status_code == 200


# Logs


@pytest.mark.timeout(120)
def test_every_line_of_a_production_run_is_one_json_object(
    default: Path, database: Database, tmp_path: Path
) -> None:
    # The most talkative level: what the usual one writes is part of it.
    variables = {**database.variables, "APP_SERVER__DRAIN_DELAY": "0", "APP_LOG__LEVEL": "DEBUG"}
    with Service(default, tmp_path, **variables) as service:
        statuses = provoke(service)
        for content in MALFORMED:
            send(service, content)
        service.kill_worker()
        # The one thing that the service cannot have foreseen.
        database.run("DROP TABLE colors")
        failure = service.get(COLORS)
        service.terminate()
        assert service.wait() == 0
        assert statuses == [200, 200, 201, 409, 400, 400, 404, 404, 405, 413, 415, 200, 405]
        assert failure.status_code == 500
        assert_tells_nothing(failure)
        assert service.errors == ""
        check_lines(service)
        assert not list(service.temporary.iterdir())


def provoke(service: Service) -> list[int]:
    """Asks for answers of all kinds and returns their statuses."""
    red = {"name": "Red", "category": "warm"}
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", COLORS, {}),
        ("HEAD", COLORS, {}),
        ("POST", COLORS, {"json": red}),
        ("POST", COLORS, {"json": red}),
        ("POST", COLORS, {"json": {"name": "line\nbreak", "\u2028": '"'}}),
        ("POST", COLORS, {"data": "{", "headers": {"Content-Type": "application/json"}}),
        ("GET", f"{COLORS}/00000000-0000-0000-0000-000000000000", {}),
        ("GET", "/%22%0a%00%e2%80%a8unknown", {}),
        ("DELETE", COLORS, {}),
        ("POST", COLORS, {"json": {"name": "x" * 1_100_000, "category": "large"}}),
        ("POST", COLORS, {"data": "name=Red"}),
        ("OPTIONS", COLORS, {}),
        ("TRACE", COLORS, {}),
    ]
    secret = {"Authorization": f"Bearer {PASSWORD}", "User-Agent": 'a "quoted" \u00e9 agent'}
    statuses = []
    for method, path, arguments in asked:
        headers = {**secret, **arguments.pop("headers", {})}
        headers["User-Agent"] = headers["User-Agent"].encode("latin-1")
        answer = service.request(method, path, headers=headers, **arguments)
        statuses.append(answer.status_code)
    return statuses


def send(service: Service, content: bytes) -> None:
    """Sends bytes and nothing after them, and waits until the service closes the connection."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        with suppress(ConnectionError):
            connection.sendall(content)
        # It may be closed already.
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            while connection.recv(65536):
                pass


def check_lines(service: Service) -> None:
    """Each line has the fields, all of them, and tells no secret."""
    lines = service.log()
    for line in lines:
        access = line["name"] == "gunicorn.access"
        assert set(line) in ([ACCESS_FIELDS] if access else [FIELDS, GAUGE_FIELDS])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["timestamp"])
        assert line["service"] == "color-palette"
        assert PASSWORD not in json.dumps(line)
    messages = "\n".join(line["message"] for line in lines)
    for part in ("Starting gunicorn", "SIGKILL", "Handling signal: term", "Shutting down"):
        assert part in messages
    assert any("Traceback" in line["message"] and line["trace"] for line in lines)
    access = [line for line in lines if line["name"] == "gunicorn.access"]
    for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE"):
        found = [line for line in access if f'"{method} {COLORS}"' in line["message"]]
        assert found
        assert all(re.fullmatch("[0-9a-f]{32}", line["trace"]) for line in found)


# The end


@pytest.mark.timeout(120)
def test_no_request_is_lost_when_the_service_is_told_to_end(
    default: Path, database: Database, tmp_path: Path
) -> None:
    delay = 3
    variables = {"APP_SERVER__DRAIN_DELAY": str(delay), "APP_SERVER__GRACE_PERIOD": "10"}
    with (
        Service(default, tmp_path, **database.variables, **variables) as service,
        # Each on a connection of its own, with the time it was begun.
        asking(lambda: (time.monotonic(), service.status(COLORS)), at_once=4) as answers,
    ):
        wait_for(lambda: len(answers) > 40, "some answers")
        terminated = time.monotonic()
        service.terminate()
        wait_for(lambda: not any(service.ready() for _ in range(10)), "being unready", 2)
        assert service.get("/readyz").json()["checks"]["lifecycle"] == "down"
        assert service.get("/livez").status_code == 200
        assert service.wait() == 0
        assert delay <= time.monotonic() - terminated < delay + 10
    before = [status for begun, status in answers if begun < terminated]
    during = [status for begun, status in answers if terminated <= begun < terminated + delay]
    assert len(during) > 20
    assert set(before) | set(during) == {200}


@pytest.mark.timeout(120)
def test_a_request_that_is_being_answered_at_the_end_is_answered(
    default: Path, database: Database, tmp_path: Path
) -> None:
    variables = {"APP_SERVER__DRAIN_DELAY": "1", "APP_SERVER__GRACE_PERIOD": "10"}
    with (
        Service(default, tmp_path, **database.variables, **variables) as service,
        ThreadPoolExecutor(1) as pool,
        database.connect() as connection,
    ):
        with connection.transaction():
            connection.execute("LOCK TABLE colors IN ACCESS EXCLUSIVE MODE")
            waiting = pool.submit(service.status, COLORS)
            wait_for(lambda: waits_for_lock(database), "request that waits for the lock")
            service.terminate()
            wait_for(lambda: not service.status("/livez"), "end of accepting connections")
            assert not waiting.done()
        assert waiting.result() == 200
        assert service.wait() == 0


def waits_for_lock(database: Database) -> bool:
    return bool(database.run("SELECT 1 FROM pg_locks WHERE NOT granted"))


# Without a database


@pytest.mark.timeout(120)
def test_without_a_database_the_api_works_and_nothing_knows_of_sql(
    install: Bake, tmp_path: Path
) -> None:
    root = install(database="none")
    with Service(root, tmp_path) as service:
        assert len(service.workers()) == 1
        created = service.post(COLORS, name="Red", category="warm")
        assert created.status_code == 201
        assert service.get(COLORS).json()["items"] == [created.json()]
        changed = service.request("PATCH", created.headers["Location"], json={"priority": 3})
        assert changed.json()["priority"] == 3
        assert service.request("DELETE", created.headers["Location"]).status_code == 204
        assert service.get(COLORS).json()["items"] == []
        assert set(service.get("/readyz").json()["checks"]) == {"lifecycle"}
    assert "No module named 'sqlalchemy'" in run(root, "python", "-c", "import sqlalchemy").stderr
    packages = root / ".venv" / "lib"
    names = {path.name.lower() for path in packages.glob("python*/site-packages/*")}
    for word in ("sqlalchemy", "alembic", "flask_migrate", "psycopg"):
        assert not [name for name in names if name.startswith(word)]
    files = [*packages.glob("python*/site-packages/color_palette-*/METADATA")]
    assert files
    for path in [*files, *(root / "src").rglob("*.py")]:
        assert "sqlalchemy" not in path.read_text(encoding="utf-8").lower()


# make, as on a machine that has only Python and make


@pytest.mark.timeout(1600)
def test_the_first_commands_work_for_awkward_names(
    bake: Bake, copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    root = copy(bake(**AWKWARD))
    address = free_address()
    command = ["make", "run", f"PYTHON={sys.executable}"]
    with Process(command, root, tmp_path, APP_SERVER__BIND=address) as process:
        site = served(process, address)
        created = curl("--json", '{"name": "Größe", "category": "é&\'"}', site, "/v1/sheep")
        assert created["name"] == "Größe"
        assert curl("-G", site, "/v1/sheep")["items"] == [created]
        assert curl("-G", site, "/openapi.json")["info"]["title"] == AWKWARD["project_name"]
    tests = subprocess.run(
        ["make", "test", f"PYTHON={sys.executable}"],
        cwd=root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=1200,
    )
    assert tests.returncode == 0, tests.stdout[-8000:]
    check_report(tests.stdout, gates=1)


@pytest.mark.parametrize(
    ("variables", "disabled"),
    [
        ({}, "true"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "false"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "false"),
        ({"OTEL_TRACES_EXPORTER": "console", "OTEL_SDK_DISABLED": "true"}, "true"),
    ],
)
def test_make_run_makes_spans_if_an_exporter_or_a_collector_is_set(
    default: Path, tmp_path: Path, variables: dict[str, str], disabled: str
) -> None:
    shutil.copy(default / "Makefile", tmp_path)
    for name in (default.name, "gunicorn"):
        (tmp_path / name).write_text("#!/bin/sh\necho disabled: $OTEL_SDK_DISABLED\n")
        (tmp_path / name).chmod(0o755)
    command = ["make", "--silent", "--old-file=.venv/.installed", "run", f"BIN={tmp_path}"]
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**environment(), **variables},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert result.stdout.decode().splitlines()[-1] == f"disabled: {disabled}"


@pytest.mark.timeout(300)
def test_make_demo_serves_the_default_service_and_says_where(tmp_path: Path) -> None:
    root = copy_of_the_template(tmp_path / "template")
    address, metrics = free_addresses(2)
    addresses = {"APP_SERVER__BIND": address, "APP_METRICS__BIND": metrics}
    command = ["make", "demo", f"PYTHON={sys.executable}"]
    with Process(command, root, tmp_path, **addresses) as process:
        site = served(process, address)
        created = curl("--json", '{"name": "Red", "category": "warm"}', site, COLORS)
        assert curl("-G", site, COLORS)["items"] == [created]
        assert "SwaggerUIBundle" in site.get("/ui/start.js").text
        assert f"API: {site.url}{COLORS}\n" in process.output
        assert f"Swagger UI: {site.url}/ui/\n" in process.output
        assert f"Metrics: http://{metrics}/metrics\n" in process.output
        process.interrupt()
        process.wait()
        assert "Shutting down" in process.output
        assert "Traceback" not in process.output + process.errors


def copy_of_the_template(target: Path) -> Path:
    """This repository; its tools are those that run the tests, so they need not be installed."""
    unwanted = shutil.ignore_patterns(".git", ".helm", ".venv", "demo", "*cache*")
    shutil.copytree(REPOSITORY, target, symlinks=True, ignore=unwanted)
    (target / ".venv").mkdir()
    (target / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (target / ".venv" / ".installed").touch()
    return target


def served(process: Process, address: str) -> Site:
    """Waits until make has installed and started the service."""
    site = Site(f"http://{address}")

    def ready() -> bool:
        process.check()
        return site.ready()

    wait_for(ready, "service started by make", 200)
    return site


def curl(*arguments: Any) -> Any:
    """Does what the README says; the last two arguments are the site and the path."""
    *options, site, path = arguments
    command = ["curl", "--silent", "--fail", "--max-time", "10", *options, site.url + path]
    result = subprocess.run(command, capture_output=True, check=False, timeout=START_SECONDS)
    assert result.returncode == 0, result
    return json.loads(result.stdout)


# The command line


@pytest.mark.timeout(120)
def test_both_command_lines_list_the_routes(default: Path) -> None:
    for command in (["color-palette"], ["flask", "--app", "color_palette.wsgi"]):
        result = run(default, *command, "routes", **DEVELOPMENT)
        assert (result.returncode, result.stderr) == (0, "")
        for route in (f"{COLORS}/<identifier>", "/livez", "/ui/"):
            assert route in result.stdout


@pytest.mark.timeout(120)
def test_seeding_twice_creates_once(default: Path, tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    variables = {**DEVELOPMENT, "APP_DATABASE__URL": f"sqlite:///{file}"}
    assert run(default, "color-palette", "db", "upgrade", **variables).returncode == 0
    for expected in ("/colors: created 30 of 30", "/colors: created 0 of 30"):
        result = run(default, "color-palette", "seed", "--count", "30", **variables)
        assert (result.returncode, result.stderr) == (0, "")
        assert result.stdout.splitlines()[-1] == expected
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT count(*) FROM colors").fetchall() == [(30,)]


@pytest.mark.timeout(60)
def test_the_shown_configuration_has_sources_and_no_secrets(default: Path) -> None:
    url = f"postgresql+psycopg://someone:{PASSWORD}@db.internal/colors"
    result = run(default, "color-palette", "show-config", APP_DATABASE__URL=url)
    assert (result.returncode, result.stderr) == (0, "")
    assert PASSWORD not in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("database.url")]
    assert line.endswith("# environment variable APP_DATABASE__URL")
    assert "server.workers = 2" in result.stdout


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("APP_SERVER__WORKERS", "many", "server.workers"),
        ("APP_SERVER__WORKRES", "2", "server.workres"),
        ("APP_CONFIG_FILE", "/nowhere.yaml", "/nowhere.yaml"),
        ("APP_DATABASE__URL", f"nonsense {PASSWORD}", "database.url"),
        ("APP_DATABASE__URL", f"mysql://someone:{PASSWORD}@db.internal/colors", "database.url"),
    ],
)
def test_a_wrong_setting_is_one_line_and_no_start(
    default: Path, variable: str, value: str, named: str
) -> None:
    variables = {
        "APP_DATABASE__URL": "postgresql+psycopg://db.internal/colors",
        "APP_SERVER__BIND": free_address(),
        variable: value,
    }
    for command in (["gunicorn"], ["color-palette", "routes"]):
        result = run(default, *command, **variables)
        assert result.returncode != 0
        assert result.stdout == ""
        (line,) = result.stderr.splitlines()
        assert named in line
        assert PASSWORD not in line
