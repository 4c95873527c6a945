"""Asks the service whether it is alive: ends with 0 if it says so, and else with one line.

It runs every few seconds, so it imports next to nothing, and finds `server.bind` by itself where settings.py would:
in an environment variable, a secret file, the YAML file, or nowhere. No proxy is asked.
"""

import http.client
import os
import sys
from pathlib import Path

VARIABLE = "APP_SERVER__BIND"
FILE = "server__bind"
DEFAULT = "0.0.0.0:8080"
# A server on all addresses also listens on these.
LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
TIMEOUT = 4
"""Seconds."""


def bind() -> str:
    """Finds the address and port of the API, as it is set."""
    variables = {name.upper(): value for name, value in os.environ.items()}
    if VARIABLE in variables:
        return variables[VARIABLE]
    if secrets := os.environ.get("APP_SECRETS_DIR"):
        for path in Path(secrets).iterdir():
            if path.name.lower() == FILE:
                return path.read_text(encoding="utf-8").strip()
    if file := os.environ.get("APP_CONFIG_FILE"):
        import yaml

        content = yaml.safe_load(Path(file).read_text(encoding="utf-8")) or {}
        return str(content.get("server", {}).get("bind", DEFAULT))
    return DEFAULT


def check(address: str) -> None:
    """Asks for `/livez`.

    Raises:
        OSError: there is no answer, or another one than 200.
    """
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    connection = http.client.HTTPConnection(LOOPBACK.get(host, host), int(port), timeout=TIMEOUT)
    connection.request("GET", "/livez")
    status = connection.getresponse().status
    if status != http.client.OK:
        raise ConnectionError(f"/livez answers {status}")


def main() -> None:
    """Checks the service whose settings this process has."""
    address = bind()
    try:
        check(address)
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"{address}: {error}")


if __name__ == "__main__":
    main()
