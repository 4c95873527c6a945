"""The health check of the image: it calls the address of the service, and no other."""

import runpy
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from << cookiecutter.package_name >> import configuration

SCRIPT = Path("deploy/docker/healthcheck.py")
# Where nothing listens: the port is the discard service's.
PROXY = "http://127.0.0.1:9"
ENVIRONMENT = {"http_proxy": PROXY, "HTTP_PROXY": PROXY, "all_proxy": PROXY}


@contextmanager
def peer(status: int = 200) -> Iterator[int]:
    """Answers every request with a status; yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/livez" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def check(**variables: str) -> tuple[int, str]:
    """Runs the check; returns its status and what it says."""
    command = [sys.executable, str(SCRIPT)]
    environment = {**ENVIRONMENT, **variables}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def test_a_service_that_lives_is_well_and_no_proxy_is_asked() -> None:
    with peer() as port:
        assert check(APP_SERVER__BIND=f"0.0.0.0:{port}") == (0, "")
        assert check(app_server__bind=f"localhost:{port}") == (0, "")


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("0.0.0.0:8080", ("127.0.0.1", 8080)),
        ("[::]:8081", ("::1", 8081)),
        ("[2001:db8::1]:80", ("2001:db8::1", 80)),
        ("10.1.2.3:80", ("10.1.2.3", 80)),
    ],
)
def test_the_service_is_asked_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, address: str, asked: tuple[str, int]
) -> None:
    calls = []

    def connect(host: str, port: int, timeout: float) -> None:
        calls.append((host, port))
        raise TimeoutError

    monkeypatch.setattr("http.client.HTTPConnection", connect)
    with pytest.raises(TimeoutError):
        runpy.run_path(str(SCRIPT))["check"](address)
    assert calls == [asked]


def test_a_service_that_is_not_well_is_told_in_one_line() -> None:
    with peer(503) as port:
        status, said = check(APP_SERVER__BIND=f"127.0.0.1:{port}")
        assert (status, said) == (1, f"127.0.0.1:{port}: /livez answers 503\n")
    status, said = check(APP_SERVER__BIND=f"127.0.0.1:{port}")
    assert status == 1
    assert said.startswith(f"127.0.0.1:{port}: ")
    assert said.count("\n") == 1


ADDRESSES = {
    "default": "0.0.0.0:8080",
    "file": "127.0.0.1:8091",
    "secret": "127.0.0.1:8092",
    "variable": "127.0.0.1:8093",
}


@pytest.mark.parametrize("source", ADDRESSES)
def test_the_address_is_the_one_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    given = [*ADDRESSES][: [*ADDRESSES].index(source) + 1]
    file, secrets = tmp_path / "settings.yaml", tmp_path / "secrets"
    secrets.mkdir()
    settings = yaml.safe_load(Path("config/development.yaml").read_text(encoding="utf-8"))
    del settings["server"]["bind"]
    if "file" in given:
        settings["server"]["bind"] = ADDRESSES["file"]
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    monkeypatch.setenv("APP_CONFIG_FILE", str(file))
    monkeypatch.setenv("APP_SECRETS_DIR", str(secrets))
    if "secret" in given:
        (secrets / "SERVER__BIND").write_text(f"{ADDRESSES['secret']}\n", encoding="utf-8")
    if "variable" in given:
        monkeypatch.setenv("app_server__bind", ADDRESSES["variable"])
    found = runpy.run_path(str(SCRIPT))["bind"]()
    assert found == configuration.load().server.bind == ADDRESSES[source]
