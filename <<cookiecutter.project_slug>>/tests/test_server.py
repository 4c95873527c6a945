"""gunicorn.conf.py: what the server does when it cannot start."""

import os
import subprocess
import sys


def test_a_wrong_configuration_stops_the_start(environment: dict[str, str]) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "gunicorn"],
        env={**os.environ, **environment, "APP_SERVER__TIMEOUT": "soon"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("configuration: server.timeout: ")
