"""The real server: gunicorn with its gevent worker, spoken to over a socket."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

<% if cookiecutter.database == 'postgresql' %>
import pytest
<% endif %>
import requests

from chassis import logs

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
PATH = "/v1/things"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def test_it_serves_and_ends_with_status_0(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    created = requests.post(f"{server.url}{PATH}", json={"name": "First"}, timeout=5)
    assert created.status_code == 201
    found = requests.get(f"{server.url}{created.headers['Location']}", timeout=5)
    assert found.json() == created.json()
    server.terminate()
    assert server.wait() == 0


def test_every_line_it_writes_is_json_with_all_fields(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "Authorization": "Bearer secret-token"}
    requests.get(f"{server.url}{PATH}", headers=headers, timeout=5)
    problem = requests.get(f"{server.url}/unknown", headers=headers, timeout=5).json()
    server.terminate()
    server.wait()
    lines = server.log_lines()
    assert all(set(line) >= logs.FIELDS for line in lines)
    assert not [line for line in lines if "secret-token" in str(line)]
    access = [line for line in lines if line["name"] == "gunicorn.access" and line["parent"]]
    assert [(line["trace"], line["parent"]) for line in access] == [(TRACE, SPAN)] * 2
    assert f'"GET {PATH}" 200' in access[0]["message"]
    outcomes = [(line["method"], line["path"], line["status"]) for line in access]
    assert outcomes == [("GET", PATH, 200), ("GET", "/unknown", 404)]
    assert all(0 < line["duration_ms"] < 5000 for line in access)
    assert problem["trace"] == TRACE
    assert {"gunicorn.error", "gunicorn.access"} <= {line["name"] for line in lines}


def test_the_log_level_changes_while_it_runs(
    start_server: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("log: {level: WARNING}")
    server = start_server(APP_CONFIG_FILE=str(file), APP_SERVER__DRAIN_DELAY="0")
    for level, message in (("LOUD", "log.level: Input should be"), ("INFO", "level is INFO")):
        file.write_text(f"log: {{level: {level}}}")
        server.send(signal.SIGUSR1)
        assert server.wait_for_line(message)["name"] == "gunicorn.error"
    assert requests.get(f"{server.url}/livez", timeout=5).ok


def test_it_is_not_ready_but_serves_while_it_drains(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="3")
    server.terminate()
    time.sleep(0.5)
    ready = requests.get(f"{server.url}/readyz", timeout=5)
    assert (ready.status_code, ready.json()["checks"]["lifecycle"]) == (503, "down")
    assert requests.get(f"{server.url}/livez", timeout=5).status_code == 200
    with requests.Session() as session:
        answers = [session.get(f"{server.url}{PATH}", timeout=5) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers["Connection"] for answer in answers] == ["close", "close"]
    assert server.wait() == 0


def test_connections_without_a_request_do_not_hold_up_the_end(
    start_server: Callable[..., Any],
) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0", APP_SERVER__KEEP_ALIVE="100")
    host, port = server.url.removeprefix("http://").split(":")
    with (
        requests.Session() as used,
        socket.create_connection((host, int(port)), timeout=5) as unused,
    ):
        answer = used.get(f"{server.url}/livez", timeout=5)
        assert answer.headers["Connection"] == "keep-alive"
        begun = time.monotonic()
        server.terminate()
        assert unused.recv(1) == b""
        assert server.wait() == 0
        assert time.monotonic() - begun < 10
    assert not [line for line in server.log_lines() if line["severity"] == "ERROR"]
<% if cookiecutter.__has_database %>


def test_a_worker_that_is_renewed_does_not_wait_for_connections_without_a_request(
    start_server: Callable[..., Any],
) -> None:
    server = start_server(
        APP_SERVER__WORKERS="1",
        APP_SERVER__MAX_REQUESTS="5",
        APP_SERVER__MAX_REQUESTS_JITTER="0",
        APP_SERVER__KEEP_ALIVE="100",
    )
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as idle:
        begun = time.monotonic()
        for _ in range(7):
            assert requests.get(f"{server.url}/livez", timeout=60).ok
        assert time.monotonic() - begun < 15
        assert idle.recv(1) == b""
<% endif %>


def test_a_request_that_is_on_its_way_at_the_end_is_answered(
    start_server: Callable[..., Any],
) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        time.sleep(0.2)
        server.terminate()
        time.sleep(0.2)
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")
    assert server.wait() == 0


def test_a_body_without_a_length_is_bounded_too(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_API__MAX_BODY_BYTES="1000")

    def chunks(size: int) -> Iterator[bytes]:
        yield b'{"name": "First"'
        yield b" " * size
        yield b"}"

    headers = {"Content-Type": "application/json"}
    for size, status in ((100, 201), (2000, 413)):
        answer = requests.post(f"{server.url}{PATH}", data=chunks(size), headers=headers, timeout=5)
        assert answer.status_code == status
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode()
        )
        assert b" 400 " in connection.recv(100)


def test_a_body_that_does_not_arrive_is_not_waited_for(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_API__BODY_TIMEOUT="0.5")
    host, port = server.url.removeprefix("http://").split(":")
    head = f"POST {PATH} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        answer = connection.recv(1000).decode()
        assert answer.startswith("HTTP/1.1 408 ")
        assert "application/problem+json" in answer


def test_what_gunicorn_refuses_is_a_problem_too(start_server: Callable[..., Any]) -> None:
    server = start_server()
    answer = requests.get(f"{server.url}{PATH}", params={"name": "x" * 5000}, timeout=5)
    assert answer.status_code == 414
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {"type": "about:blank", "title": "URI Too Long", "status": 414}


def test_concurrent_requests_keep_apart(start_server: Callable[..., Any]) -> None:
    server = start_server()
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        trace = f"{number + 1:032x}"
        headers = {"traceparent": f"00-{trace}-{SPAN}-01"}
        answer = requests.get(f"{server.url}{PATH}/{number}", headers=headers, timeout=10)
        answers[number] = answer.json()["trace"]

    threads = [threading.Thread(target=ask, args=[number]) for number in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"{number + 1:032x}" for number in range(30)}


def test_the_development_server_answers_too(environment: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "flask", "--app", "tests.chassis.domain.wsgi"]
    command += ["run", "--port", port]
    variables = {**os.environ, **environment}
    with subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL) as process:
        try:
            assert first_answer(f"http://127.0.0.1:{port}{PATH}").status_code == 200
        finally:
            process.kill()


def first_answer(url: str) -> requests.Response:
    """Waits until something listens, and then for its answer."""
    end = time.monotonic() + 60
    while True:
        try:
            return requests.get(url, timeout=10)
        except requests.ConnectionError:
            assert time.monotonic() < end, f"nothing listens on {url}"
            time.sleep(0.1)


def test_a_wrong_configuration_stops_the_start(
    gunicorn: list[str], environment: dict[str, str]
) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "gunicorn", *gunicorn],
        env={**os.environ, **environment, "APP_SERVER__TIMEOUT": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("configuration: server.timeout: ")
