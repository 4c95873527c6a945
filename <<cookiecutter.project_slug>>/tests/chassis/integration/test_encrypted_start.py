"""The real server with encrypted settings: it serves by them, or ends with one line."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.chassis.fixtures import sops as real
from tests.chassis.fixtures.server import ROOT

from chassis.sops.keys import KEY_FILE

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
CONTENT = """\
server: {drain_delay: 0}
api:
  swagger_ui: true
  max_body_bytes: 424242
"""


@pytest.fixture
def config_file(tmp_path: Path, recipient: str) -> Path:
    """A file that has the limit of bodies encrypted."""
    path = tmp_path / "production.yaml"
    path.write_text(real.encrypt(CONTENT, recipient, encrypted_regex="^max_body_bytes$"))
    assert "424242" not in path.read_text()
    return path


def test_it_serves_with_encrypted_settings(
    start_server: Callable[..., Any], config_file: Path
) -> None:
    server = start_server(APP_CONFIG_FILE=str(config_file))
    for size, status in ((424_242, 400), (424_243, 413)):
        body = b"x" * size
        headers = {"Content-Type": "application/json"}
        answer = requests.post(f"{server.url}/v1/things", body, headers=headers, timeout=5)
        assert answer.status_code == status
    config_file.write_text(config_file.read_text().replace("ui: true", "ui: false"))
    server.send(signal.SIGHUP)
    line = server.wait_for_line("The settings stay as they are")
    reason = "changed after it was encrypted: its values do not fit sops.mac"
    assert line["message"].endswith(f": configuration: {config_file}: {reason}")
    server.terminate()
    assert server.wait() == 0
    assert not [line for line in server.log_lines() if "424242" in str(line)]


def test_without_the_key_or_after_a_change_it_ends_with_one_line(
    gunicorn: list[str], environment: dict[str, str], config_file: Path, recipient: str
) -> None:
    def start(**variables: str) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "gunicorn", *gunicorn],
            cwd=ROOT,
            env={**os.environ, **environment, "APP_CONFIG_FILE": str(config_file), **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert result.returncode == 1
        assert result.stdout == ""
        return result.stderr

    missing = f"encrypted for {recipient}: set {KEY_FILE} to the file with a key of these"
    assert start(**{KEY_FILE: ""}) == f"configuration: {config_file}: {missing}\n"
    config_file.write_text(config_file.read_text().replace("ui: true", "ui: false"))
    changed = "changed after it was encrypted: its values do not fit sops.mac"
    assert start() == f"configuration: {config_file}: {changed}\n"
