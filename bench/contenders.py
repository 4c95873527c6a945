"""The services that are compared, and how each is started."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.live import environment
from tools.lock import BUILD, RUNTIME
from tools.template import REPOSITORY, render

BENCH = REPOSITORY / "bench"
WORKERS = 2
CONNECTIONS = 1000
BARE, SERVICE, CONNEXION = "bare Flask", "the service", "stock Connexion"


@dataclass(frozen=True)
class Contender:
    """A service: how it is started, and whether it checks what it is given."""

    name: str
    command: list[str]
    directory: Path
    variables: dict[str, str]
    validates: bool = True


def contenders(service: Path, address: str, database_url: str) -> list[Contender]:
    """All of them, for one address of the API and one database.

    Args:
        service: the generated service, installed.
        address: host and port.
        database_url: SQLAlchemy's URL of a database that has the tables of the service.
    """
    programs = BENCH / ".venv" / "bin"
    contract = next(service.glob("src/*/openapi.yaml"))
    variables = {"BENCH_DATABASE_URL": database_url, "BENCH_CONTRACT": str(contract)}
    settings = [f"--bind={address}", f"--workers={WORKERS}", f"--worker-connections={CONNECTIONS}"]
    flask = [str(programs / "gunicorn"), *settings, "--worker-class=gevent", "--keep-alive=5"]
    flask += ["--no-control-socket"]
    host, _, port = address.partition(":")
    asgi = [str(programs / "uvicorn"), f"--host={host}", f"--port={port}", f"--workers={WORKERS}"]
    asgi += ["--no-access-log", "--log-level=warning"]

    def peer(name: str, command: list[str], module: str, validates: bool = True) -> Contender:
        return Contender(
            name, [*command, f"bench.peers.{module}:app"], REPOSITORY, variables, validates
        )

    own = Contender(
        SERVICE,
        [str(service / ".venv" / "bin" / "gunicorn")],
        service,
        {
            "APP_ENVIRONMENT": "production",
            "APP_DATABASE__URL": database_url,
            "APP_DATABASE__POOL_TIMEOUT": "60",
            "APP_SERVER__BIND": address,
            "APP_SERVER__WORKERS": str(WORKERS),
            "APP_SERVER__WORKER_CONNECTIONS": str(CONNECTIONS),
            "APP_METRICS__BIND": "",
            "OTEL_SDK_DISABLED": "true",
        },
    )
    return [
        peer(BARE, flask, "bare_flask", validates=False),
        own,
        peer(CONNEXION, flask, "stock_connexion"),
        peer("Django", flask, "django_service"),
        peer("FastAPI, async", asgi, "fastapi_async"),
        peer("FastAPI, sync", asgi, "fastapi_sync"),
    ]


def install_service(directory: Path, database: str) -> Path:
    """Generates the service for a database and installs it as its image does; returns its root."""
    service = render(directory, database=database)
    uv = [sys.executable, "-m", "uv"]
    install = [*uv, "pip", "install", "--python=.venv/bin/python"]
    for command in (
        [*uv, "venv", f"--python={sys.executable}", ".venv"],
        [*install, "--require-hashes", f"--requirement={RUNTIME}", f"--requirement={BUILD}"],
        [*install, "--no-deps", "--no-build-isolation", "--editable", "."],
    ):
        made = subprocess.run(
            command, cwd=service, env=environment(), capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
    return service
