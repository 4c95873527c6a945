"""A real PgBouncer in transaction mode between a service and its database, set as the service's page tells."""

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
import requests

from .live import PASSWORD, Database, PostgreSQL, Process, Service, free_address, migrate, wait_for

COLORS = "/v1/colors"
CONFIGURATION = """
[databases]
* = host={host}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {users}
pool_mode = transaction
default_pool_size = 4
{of_the_page}
"""


class PgBouncer(Process):
    """Gives each transaction one of a few connections to the server."""

    def __init__(self, database: Database, of_the_page: str, directory: Path, output: Path) -> None:
        parts = urlsplit(database.url)
        (host,) = parse_qs(parts.query)["host"]
        address = free_address()
        self.url = urlunsplit(("postgresql+psycopg", f"app@{address}", parts.path, "", ""))
        users, file = directory / "users.txt", directory / "pgbouncer.ini"
        users.write_text(f'"app" "{PASSWORD}"\n', encoding="utf-8")
        given = {"host": host, "port": address.rpartition(":")[2], "users": users}
        text = CONFIGURATION.format(**given, of_the_page=of_the_page)
        file.write_text(text, encoding="utf-8")
        # Debian installs it where only root looks.
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
        assert program, "This test needs pgbouncer, a package of Debian."
        # It does not run as root, and only the server's own user may use the server's socket.
        user = Path(host).stat()
        as_user = ["setpriv", f"--reuid={user.st_uid}", f"--regid={user.st_gid}", "--clear-groups"]
        command = [program, str(file)]
        super().__init__(command if os.getuid() else [*as_user, *command], directory, output)

    def listens(self) -> bool:
        """Whether it has started."""
        self.check()
        return "process up" in self.errors + self.output


@pytest.fixture
def page(default: Path) -> str:
    """What the service tells of PgBouncer."""
    text = (default / "docs" / "operation.md").read_text(encoding="utf-8")
    return text.partition("### Behind PgBouncer\n")[2].partition("\n### ")[0]


@pytest.fixture
def database(default: Path, page: str) -> Iterator[Database]:
    """A database of the role `app`, which has the parameters of the page; those of the database are in the way."""
    (statements,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    with PostgreSQL(default) as server, Database(server.url) as database:
        database.run("CREATE ROLE app LOGIN; GRANT CREATE ON SCHEMA public TO app")
        database.run(statements)
        database.alter("timezone", "Asia/Kathmandu")
        database.alter("datestyle", "German")
        direct = database.variables["APP_DATABASE__URL"].replace("postgres:", "app:", 1)
        database.variables["APP_DATABASE__URL"] = direct
        migrate(default, database)
        yield database


@pytest.fixture
def pooler(database: Database, page: str, tmp_path: Path) -> Iterator[PgBouncer]:
    """PgBouncer in front of it."""
    (of_the_page,) = re.findall(r"`(ignore_startup_parameters = \w+)`", page)
    with TemporaryDirectory(prefix="pgbouncer-") as directory:
        # Another user has to get in.
        Path(directory).chmod(0o755)
        with PgBouncer(database, of_the_page, Path(directory), tmp_path) as pooler:
            wait_for(pooler.listens, "start of PgBouncer")
            yield pooler


def use(service: Service, number: int) -> list[requests.Response]:
    """Creates a color, changes it and reads it and others."""
    created = service.post(COLORS, name=f"Color {number}", category="warm")
    path = created.headers.get("Location", COLORS)
    return [
        created,
        service.request("PATCH", path, json={"priority": 3}),
        service.get(path),
        service.get(f"{COLORS}?limit=5&sort=-created_at"),
    ]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("prepared", ["false", "true"])
def test_a_service_behind_a_pooler_of_transactions(
    default: Path, database: Database, pooler: PgBouncer, tmp_path: Path, prepared: str
) -> None:
    variables = {
        **database.variables,
        "APP_DATABASE__URL": pooler.url,
        "APP_DATABASE__PREPARED_STATEMENTS": prepared,
    }
    with Service(default, tmp_path, **variables) as service, ThreadPoolExecutor(8) as pool:
        used = [*pool.map(lambda number: use(service, number), range(200))]
    statuses = Counter(answer.status_code for answers in used for answer in answers)
    if prepared == "true":
        # Not as the page tells: a connection that does not know a statement is replaced, which a client may notice.
        assert set(statuses) <= {200, 201, 405, 503}
        return
    assert statuses == {201: 200, 200: 600}
    for created, changed, read, _ in used:
        assert read.json() == changed.json()
        assert read.json()["created_at"] == created.json()["created_at"]
