"""TLS to the database: the service uses a server only if it proves who it is."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from tools import documents, recipes

from .conftest import Bake
from .live import PASSWORD, Database, Process, Service, free_address, migrate, run, wait_for

COLORS = "/v1/colors"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
READY = """
import json

from color_palette.app import create_app

print(json.dumps(create_app().test_client().get("/readyz").get_json()))
"""
HBA = "hostssl all all 127.0.0.1/32 trust\n"
# The server does not run as root.
AS_USER = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] * (not os.getuid())


def openssl(directory: Path, name: str, *options: str) -> None:
    """Makes a certificate and its key."""
    files = ["-keyout", f"{name}.key", "-out", f"{name}.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", *KEY, *files, *options],
        cwd=directory,
        capture_output=True,
        check=True,
    )


def make_certificates(directory: Path) -> None:
    """Makes the certificate of a server, the authority that has signed it, and another authority."""
    for name in ("authority", "other"):
        openssl(directory, name, "-subj", f"/CN={name}")
    signed = ["-CA", "authority.pem", "-CAkey", "authority.key", "-subj", "/CN=server"]
    openssl(directory, "server", *signed, "-addext", "subjectAltName=DNS:localhost")


class TlsServer(Process):
    """Debian's PostgreSQL, which is called `localhost` and refuses connections without TLS."""

    def __init__(self, directory: Path, output: Path) -> None:
        *_, programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        data, self.port = directory / "data", free_address().rpartition(":")[2]
        make_certificates(directory)
        if AS_USER:
            for path in (directory, *directory.iterdir()):
                shutil.chown(path, "postgres", "postgres")
        initdb = [programs / "initdb", "--auth=trust", "--username=postgres", "--no-sync", data]
        subprocess.run([*AS_USER, *initdb], cwd=directory, capture_output=True, check=True)
        (data / "pg_hba.conf").write_text(HBA, encoding="utf-8")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": directory / "server.pem",
            "ssl_key_file": directory / "server.key",
        }
        options = [f"-c{name}={value}" for name, value in settings.items()]
        command = [*AS_USER, str(programs / "postgres"), "-D", str(data), *options]
        super().__init__(command, directory, output)

    def url(self, host: str = "localhost", **parameters: object) -> str:
        """Returns the URL with parameters."""
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://postgres:{PASSWORD}@{host}:{self.port}/postgres?{query}"

    def answers(self) -> bool:
        """Whether it takes connections."""
        self.check()
        try:
            psycopg.connect(self.url(sslmode="require")).close()
        except psycopg.OperationalError:
            return False
        return True


@pytest.fixture(scope="module")
def certificates() -> Iterator[Path]:
    """The directory of the certificates; not pytest's own, which is closed to other users."""
    with TemporaryDirectory(prefix="tls-") as directory:
        yield Path(directory)


@pytest.fixture(scope="module")
def server(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    """A server that runs."""
    with TlsServer(certificates, tmp_path_factory.mktemp("server")) as server:
        wait_for(server.answers, "start of PostgreSQL")
        yield server


@pytest.fixture
def verified(server: TlsServer, certificates: Path) -> Iterator[Database]:
    """A database whose server has to prove who it is."""
    authority = certificates / "authority.pem"
    with Database(server.url(sslmode="verify-full", sslrootcert=authority)) as database:
        yield database


@pytest.mark.timeout(120)
def test_the_service_uses_a_server_that_proves_who_it_is(
    default: Path, verified: Database, tmp_path: Path
) -> None:
    migrate(default, verified)
    with Service(default, tmp_path, **verified.variables) as service:
        assert service.post(COLORS, name="Red", category="warm").status_code == 201
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        encrypted = f"SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE {others}"
        assert set(verified.run(encrypted)) == {(True,)}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("host", "authority", "mode", "reason"),
    [
        ("localhost", "other.pem", "verify-full", "SSL error: certificate verify failed"),
        (
            "127.0.0.1",
            "authority.pem",
            "verify-full",
            'does not match host name "127.0.0.1"',
        ),
        (
            "localhost",
            "missing.pem",
            "verify-full",
            'root certificate file "{}" does not exist',
        ),
        ("localhost", "authority.pem", "disable", "no pg_hba.conf entry for host"),
    ],
)
def test_a_server_that_does_not_is_told_in_one_line(
    default: Path,
    server: TlsServer,
    certificates: Path,
    host: str,
    authority: str,
    mode: str,
    reason: str,
) -> None:
    file = certificates / authority
    variables = {
        "APP_ENVIRONMENT": "production",
        "APP_DATABASE__URL": server.url(host).replace("postgresql:", "postgresql+psycopg:", 1),
        # As the chart and the second file of Compose give them.
        "PGSSLMODE": mode,
        "PGSSLROOTCERT": str(file),
    }
    result = run(default, "color-palette", "db", "upgrade", **variables)
    (line,) = result.stderr.splitlines()
    assert result.returncode == 1
    assert reason.format(file) in line
    assert PASSWORD not in line
    ready = run(default, "python", "-c", READY, **variables)
    assert json.loads(ready.stdout)["checks"]["database"] == "down"


def test_the_second_file_of_compose_suits_the_first(bake: Bake, tmp_path: Path) -> None:
    root = tmp_path / "service"
    shutil.copytree(bake(), root)
    recipes.follow(root, "docs/container.md")
    files = [root / name for name in ("compose.yaml", "compose.override.yaml")]
    first, second = (documents.load(file.read_text(encoding="utf-8")) for file in files)
    assert second["services"].keys() < first["services"].keys()
    for added in second["services"].values():
        (mounted,) = added["volumes"]
        assert mounted.split(":")[1:] == [added["environment"]["PGSSLROOTCERT"], "ro"]
    command = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(files[1])]
    result = subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
