"""The server of the metrics, as gunicorn runs it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.mmap_dict import MmapedDict

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
PATH = "/v1/things"


def value(server: Any, series: str) -> float:
    text = requests.get(server.metrics_url, timeout=5).text
    match = re.search(rf"^{re.escape(series)} (\S+)$", text, re.MULTILINE)
    assert match, series
    return float(match[1])


def test_the_metrics_have_an_address_of_their_own(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    assert requests.get(server.metrics_url, timeout=5).status_code == 200
    assert requests.get(f"{server.url}/metrics", timeout=5).status_code == 404
    line = server.wait_for_line("Metrics: ")
    assert line["message"] == f"Metrics: {server.metrics_url}"
    server.terminate()
    assert server.wait() == 0


def test_an_empty_address_means_that_of_the_api(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_METRICS__BIND="")
    assert "http_requests_total{" in requests.get(f"{server.url}/metrics", timeout=5).text
    assert server.wait_for_line("Metrics: ")["message"] == f"Metrics: {server.url}/metrics"


def test_only_the_first_process_serves_them(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    host, port = server.metrics_url.removeprefix("http://").removesuffix("/metrics").split(":")
    # A connection that is open while a worker starts is not the worker's either.
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        reload(server)
        server.send(signal.SIGSTOP)
        try:
            assert requests.get(f"{server.url}/livez", timeout=5).ok
            with pytest.raises(requests.Timeout):
                requests.get(server.metrics_url, timeout=1)
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.settimeout(1)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        finally:
            server.send(signal.SIGCONT)
        connection.settimeout(5)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 OK")


def reload(server: Any) -> None:
    """Makes gunicorn replace its workers, and waits until the old ones have gone."""
    booted = [re.search(r"Booting worker .* (\d+)", line["message"]) for line in server.log_lines()]
    server.send(signal.SIGHUP)
    for worker in filter(None, booted):
        server.wait_for_line(f"Worker exiting (pid: {worker[1]})")
    server.wait_until_ready()


def test_counts_outlive_a_reload(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
    series = f'http_requests_total{{method="GET",path="{PATH}",status="200"}}'
    for _ in range(10):
        assert requests.get(f"{server.url}{PATH}", timeout=5).ok
    reload(server)
    assert requests.get(f"{server.url}{PATH}", timeout=5).ok
    assert [value(server, series) for _ in range(5)] == [11] * 5
    server.terminate()
    assert server.wait() == 0


def test_what_clients_do_wrong_leaves_its_lines_in_the_log(
    start_server: Callable[..., Any],
) -> None:
    server = start_server()
    host, port = server.metrics_url.removeprefix("http://").removesuffix("/metrics").split(":")
    for content in (b"", b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00"):
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1000):
                pass
    assert requests.get(server.metrics_url, timeout=5).ok
    assert server.wait_for_line("nonsense")["severity"] == "ERROR"


def test_a_damaged_file_of_counts_costs_its_counts_and_no_more(
    start_server: Callable[..., Any], tmp_path: Path
) -> None:
    server = start_server(PROMETHEUS_MULTIPROC_DIR=str(tmp_path / "counts"))
    series = f'http_requests_total{{method="GET",path="{PATH}",status="200"}}'
    assert requests.get(f"{server.url}{PATH}", timeout=5).ok
    (tmp_path / "counts" / "counter_98.db").write_bytes(b"{" * 500)
    assert [value(server, series) for _ in range(3)] == [1] * 3
    lines = [line for line in server.log_lines() if "counter_98.db" in line["message"]]
    assert [line["severity"] for line in lines] == ["ERROR"]
    # What is in this one can be read, but not written.
    file = MmapedDict(str(tmp_path / "counts" / "counter_99.db"))
    file.write_value('["x", "x", {"a": 1}, "x"]', 1, 0)
    file.close()
    assert requests.get(server.metrics_url, timeout=5).status_code == 500
    line = server.wait_for_line("AttributeError")
    assert (line["severity"], line["name"]) == ("ERROR", "gevent")


def test_an_address_that_is_taken_stops_the_start(
    gunicorn: list[str], environment: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        addresses = {"APP_SERVER__BIND": "127.0.0.1:0", "APP_METRICS__BIND": taken}
        result = subprocess.run(
            [sys.executable, "-m", "gunicorn", *gunicorn],
            env={**os.environ, **environment, **addresses},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line == (
        f"metrics.bind: cannot listen on {taken}: address already in use;"
        " stop the other process or set APP_METRICS__BIND"
    )
