"""Starts that fail: what the real gunicorn and the commands of the default service say, word by word."""

import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from .conftest import Bake
from .live import (
    PASSWORD,
    START_SECONDS,
    Database,
    Service,
    environment,
    free_addresses,
    wait_for,
)

CONTRACT = "src/color_palette/openapi.yaml"
CONTROLLER = "      x-openapi-router-controller: color_palette.colors.api\n"
ESCAPE = (
    "user name and password have to be escaped: @ is %40, / is %2F, : is %3A, ? is %3F,"
    " # is %23, % is %25, [ is %5B, ] is %5D"
)
IN_USE = "address already in use; stop the other process or set"
GUNICORN = "gunicorn"
ROUTES = "color-palette routes"
FLASK = "flask --app color_palette.wsgi routes"


@dataclass
class Failure:
    """A start that fails; `{taken}`, `{file}` and `{directory}` stand for what is known later."""

    line: str
    """What it writes to standard error."""
    status: int = 1
    variables: dict[str, str] = field(default_factory=dict)
    content: str = ""
    """The file of settings."""
    change: tuple[str, str, str] | None = None
    """The file of the service in which one text is replaced by another."""
    command: str = GUNICORN
    prefix: tuple[str, ...] = ()


def of_contract(words: str, old: str, new: str, command: str = GUNICORN) -> Failure:
    """A fault of the contract: a worker finds it, and gunicorn ends with the worker's status."""
    return Failure(
        f"contract: {{directory}}/{CONTRACT}: {words}",
        status=4 if command == GUNICORN else 1,
        change=(CONTRACT, old, new),
        command=command,
    )


NO_HANDLER = (
    "GET /colors: there is no handler for operationId serach:"
    " module 'color_palette.colors.api' has no attribute 'serach'",
    "operationId: list_colors",
    "operationId: serach",
)
NO_YAML = (
    "not valid YAML in line 14, column 8: did not find expected ',' or ']'",
    "\npaths:\n",
    "\npaths: [\n",
)
FAILURES = {
    "taken port": Failure(
        f"server.bind: cannot listen on {{taken}}: {IN_USE} APP_SERVER__BIND",
        variables={"APP_SERVER__BIND": "{taken}"},
    ),
    "privileged port": Failure(
        "server.bind: cannot listen on 127.0.0.1:80: permission denied;"
        " set APP_SERVER__BIND to a port above 1023",
        variables={"APP_SERVER__BIND": "127.0.0.1:80"},
        # root may do without the right to such ports.
        prefix=("setpriv", "--bounding-set=-net_bind_service") if os.getuid() == 0 else (),
    ),
    "address of another machine": Failure(
        "server.bind: cannot listen on 192.0.2.1:8080:"
        " this machine does not have the address; set APP_SERVER__BIND",
        variables={"APP_SERVER__BIND": "192.0.2.1:8080"},
    ),
    "address of IPv6 of another machine": Failure(
        "server.bind: cannot listen on [2001:db8::1]:8080:"
        " this machine does not have the address; set APP_SERVER__BIND",
        variables={"APP_SERVER__BIND": "[2001:db8::1]:8080"},
    ),
    "unknown name": Failure(
        "server.bind: cannot listen on nowhere.invalid:8080:"
        " the name cannot be resolved; set APP_SERVER__BIND",
        variables={"APP_SERVER__BIND": "nowhere.invalid:8080"},
    ),
    "taken port of the metrics": Failure(
        f"metrics.bind: cannot listen on {{taken}}: {IN_USE} APP_METRICS__BIND",
        variables={"APP_METRICS__BIND": "{taken}"},
    ),
    "unknown name for the metrics": Failure(
        "metrics.bind: cannot listen on nowhere.invalid:8081:"
        " the name cannot be resolved; set APP_METRICS__BIND",
        variables={"APP_METRICS__BIND": "nowhere.invalid:8081"},
    ),
    "one port for two": Failure(
        "configuration: metrics.bind: server.bind has the same port; leave this empty to serve the"
        " metrics there (environment variable APP_METRICS__BIND)",
        variables={"APP_SERVER__BIND": "0.0.0.0:9", "APP_METRICS__BIND": "127.0.0.1:9"},
    ),
    "no database": Failure(
        "configuration: database.url: Field required; set APP_DATABASE__URL",
        variables={"APP_DATABASE__URL": ""},
    ),
    "ill-typed setting": Failure(
        "configuration: server.workers: Input should be a valid integer, unable to parse string as"
        " an integer (environment variable APP_SERVER__WORKERS)",
        variables={"APP_SERVER__WORKERS": "many"},
    ),
    "unknown setting": Failure(
        "configuration: server.workres: there is no such setting"
        " (environment variable APP_SERVER__WORKRES)",
        variables={"APP_SERVER__WORKRES": "2"},
    ),
    "unknown setting in the file": Failure(
        "configuration: server.workres: there is no such setting (file {file})",
        variables={"APP_CONFIG_FILE": "{file}"},
        content="server: {workres: 2}",
    ),
    "missing file": Failure(
        "configuration: APP_CONFIG_FILE: cannot read the file /nowhere.yaml:"
        " No such file or directory",
        variables={"APP_CONFIG_FILE": "/nowhere.yaml"},
    ),
    "directory for a file": Failure(
        "configuration: APP_CONFIG_FILE: cannot read the file /tmp: Is a directory",
        variables={"APP_CONFIG_FILE": "/tmp"},
    ),
    "file that is no YAML": Failure(
        "configuration: {file}: not valid YAML in line 2, column 18:"
        " mapping values are not allowed here",
        variables={"APP_CONFIG_FILE": "{file}"},
        content=f"database:\n  url: {PASSWORD}: {PASSWORD}",
    ),
    "file that is no text": Failure(
        "configuration: {file}: not text in UTF-8",
        variables={"APP_CONFIG_FILE": "{file}"},
        content="a: \udcff",
    ),
    "missing directory of secrets": Failure(
        "configuration: APP_SECRETS_DIR: cannot read the directory /nowhere:"
        " No such file or directory",
        variables={"APP_SECRETS_DIR": "/nowhere"},
    ),
    "database of development": Failure(
        "configuration: database.url: SQLite is for development only, give the URL of a PostgreSQL"
        " server (environment variable APP_DATABASE__URL)",
        variables={"APP_DATABASE__URL": "sqlite:///colors.db"},
    ),
    "unescaped password": Failure(
        f"configuration: database.url: {ESCAPE} (environment variable APP_DATABASE__URL)",
        variables={"APP_DATABASE__URL": f"postgresql+psycopg://app:{PASSWORD}@/w#rd@db/colors"},
    ),
    "unescaped password for a command": Failure(
        f"configuration: database.url: {ESCAPE} (environment variable APP_DATABASE__URL)",
        variables={"APP_DATABASE__URL": f"postgresql+psycopg://app:{PASSWORD}/1@db/colors"},
        command="color-palette show-config",
    ),
    "contract that is no YAML": of_contract(*NO_YAML),
    "contract that is no YAML, for a command": of_contract(*NO_YAML, command=ROUTES),
    "reference to nothing": of_contract(
        "POST /colors: responses/201/content/application/json/schema/$ref:"
        " there is no #/components/schemas/Colr",
        '#/components/schemas/Color"',
        '#/components/schemas/Colr"',
    ),
    "no handler": of_contract(*NO_HANDLER),
    "no handler, for a command": of_contract(*NO_HANDLER, command=ROUTES),
    "no handler, for flask": of_contract(*NO_HANDLER, command=FLASK),
    "no module": of_contract(
        "GET /colors: there is no handler for operationId list_colors:"
        " No module named 'color_palette.colours'",
        CONTROLLER,
        CONTROLLER.replace("colors", "colours"),
    ),
    "no controller": of_contract(
        "GET /colors: there is no x-openapi-router-controller", CONTROLLER, ""
    ),
    "no operationId": of_contract(
        "GET /colors: there is no operationId", "operationId: ", "x-operationId: "
    ),
    "invalid document": of_contract(
        "#/components/schemas/ColorFields/type: 'objct' is not one of"
        " 'array', 'boolean', 'integer', 'number', 'object', 'string'",
        "type: object",
        "type: objct",
    ),
    "the service's own exit": Failure(
        "Not today.",
        4,
        change=(
            "src/color_palette/app.py",
            "    contract.init_serialization(app)\n",
            '    raise SystemExit("Not today.")\n',
        ),
    ),
}
# The pipe is full for eight seconds, so that the worker that reports the reason ends long after the other one.
FAILURES["a report that takes long"] = replace(
    FAILURES["no operationId"],
    prefix=(
        *("bash", "-c"),
        'exec 2> >(sleep 8; tail --bytes +65537 >&2); head --bytes 65536 /dev/zero >&2; exec "$@"',
        "bash",
    ),
)
BUGS = {
    "syntax": (
        "src/color_palette/app.py",
        "STATUS_OF_ERRORS:",
        "STATUS OF:",
        [
            '  File "{directory}/src/color_palette/app.py", line ?',
            "    STATUS OF: dict[type[Exception], HTTPStatus] = {",
            "SyntaxError: invalid syntax",
        ],
    ),
    "import": (
        "src/color_palette/colors/api.py",
        "from uuid",
        "import nonsense\nfrom uuid",
        [
            "Traceback (most recent call last):",
            '  File "{directory}/src/color_palette/wsgi.py", line ?, in <module>',
            "    app = create_app(settings, tracer_provider=provider)",
            '  File "{directory}/src/color_palette/app.py", line ?, in create_app',
            "    contract.init_app(",
            '  File "{directory}/src/color_palette/colors/api.py", line ?, in <module>',
            "    import nonsense",
            "ModuleNotFoundError: No module named 'nonsense'",
        ],
    ),
}


@pytest.mark.timeout(600)
def test_what_ends_the_start_is_one_line(default: Path, tmp_path: Path) -> None:
    with taken_address() as taken, ThreadPoolExecutor(4) as pool:
        started = {
            name: pool.submit(start, default, tmp_path / str(number), failure, taken)
            for number, (name, failure) in enumerate(FAILURES.items())
        }
        results = {name: future.result() for name, future in started.items()}
    # The lines of the contract move with its content.
    said = {
        name: (re.sub(r"(openapi\.yaml):\d+:", r"\1:", result.stderr), result.returncode)
        for name, result in results.items()
    }
    assert said == {
        name: (place(f"{failure.line}\n", tmp_path / str(number), taken), failure.status)
        for number, (name, failure) in enumerate(FAILURES.items())
    }
    for name, result in results.items():
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        logged = {line["message"] for line in lines if line["severity"] != "INFO"}
        # gunicorn says that it ends, and repeats nothing.
        assert (name, logged - {"Shutting down: Master"}) == (name, set())
        assert PASSWORD not in result.stdout


@pytest.mark.timeout(120)
def test_an_unescaped_password_of_an_upstream_is_one_line(
    install_caller: Bake, tmp_path: Path
) -> None:
    failure = Failure(
        f"configuration: upstreams.recommendations.url: {ESCAPE}"
        " (environment variable APP_UPSTREAMS__RECOMMENDATIONS__URL)",
        variables={"APP_UPSTREAMS__RECOMMENDATIONS__URL": f"http://app:{PASSWORD}@1@host"},
    )
    result = start(install_caller(), tmp_path / "start", failure)
    assert (result.stderr, result.returncode) == (f"{failure.line}\n", failure.status)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_ends_the_start_with_one_traceback(bug: str, default: Path, tmp_path: Path) -> None:
    file, old, new, traceback = BUGS[bug]
    result = start(default, tmp_path, Failure("", change=(file, old, new)))
    assert (result.stderr, result.returncode) == ("", 4)
    lines = [json.loads(line)["message"] for line in result.stdout.splitlines()]
    (message,) = [line for line in lines if line.startswith("The service cannot be loaded")]
    # Each Python has marks of its own.
    shown = [line for line in message.splitlines()[1:] if not set(line) <= {" ", "^", "~"}]
    assert [re.sub(r"line \d+", "line ?", line) for line in shown] == [
        place(line, tmp_path, "") for line in traceback
    ]
    assert "Traceback" not in "".join(line for line in lines if line != message)


def start(
    service: Path, directory: Path, failure: Failure, taken: str = ""
) -> "subprocess.CompletedProcess[str]":
    """Starts a service that does not stay, with what is wrong with it."""
    directory.mkdir(exist_ok=True)
    if failure.change:
        file, old, new = failure.change
        shutil.copytree(service / "src", directory / "src")
        text = (directory / file).read_text(encoding="utf-8")
        assert old in text
        (directory / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    shutil.copy(service / "gunicorn.conf.py", directory)
    content = failure.content.encode(errors="surrogateescape")
    (directory / "settings.yaml").write_bytes(content)
    api, metrics = free_addresses(2)
    variables = {
        "APP_SERVER__BIND": api,
        "APP_METRICS__BIND": metrics,
        "APP_DATABASE__URL": "postgresql+psycopg://app@db.internal/colors",
        "OTEL_SDK_DISABLED": "true",
        "PYTHONPATH": str(directory / "src"),
        **failure.variables,
    }
    command, *arguments = failure.command.split()
    return subprocess.run(
        [*failure.prefix, str(service / ".venv" / "bin" / command), *arguments],
        cwd=directory,
        env=environment(
            **{name: place(value, directory, taken) for name, value in variables.items() if value}
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * START_SECONDS,
    )


def place(text: str, directory: Path, taken: str) -> str:
    """Fills in what is known now."""
    known = {"{taken}": taken, "{file}": f"{directory}/settings.yaml", "{directory}": directory}
    for name, value in known.items():
        text = text.replace(name, str(value))
    return text


@contextmanager
def taken_address() -> Iterator[str]:
    """An address that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield f"127.0.0.1:{other.getsockname()[1]}"


# What heals


class Waiting(Service):
    """A service that has started, and is not ready."""

    def _started(self) -> bool:
        self.check()
        return self.status("/livez") == 200

    def health_lines(self) -> list[str]:
        """Returns the messages that the service has logged about its check of the database."""
        lines = [line["message"] for line in self.log()]
        return [line for line in lines if line.startswith("health check database: ")]


@pytest.mark.timeout(300)
def test_a_service_whose_database_is_away_starts_and_waits_for_it(
    default: Path, postgresql: str, tmp_path: Path
) -> None:
    server = Database(postgresql)
    url = server.variables["APP_DATABASE__URL"]
    nobody = free_addresses(1)[0]
    words = {
        f"postgresql+psycopg://app:{PASSWORD}@nowhere.invalid/colors": "nowhere.invalid",
        f"postgresql+psycopg://app:{PASSWORD}@{nobody}/colors": "Connection refused",
        url.replace("://postgres", "://nobody_knows", 1): "nobody_knows",
        url: "does not exist",
    }
    with ExitStack() as stack:
        services = {
            reason: stack.enter_context(Waiting(default, tmp_path, APP_DATABASE__URL=url))
            for url, reason in words.items()
        }
        for reason, service in services.items():
            wait_for(lambda waiting=service: len(waiting.workers()) == 2, "second worker")
            answers = {service.status("/readyz") for _ in range(10)}
            assert (reason, answers, service.status("/livez")) == (reason, {503}, 200)
            (line,) = service.health_lines()
            assert line.startswith("health check database: down, not ready: OperationalError: ")
            assert reason in line
            assert PASSWORD not in service.output + service.errors
        service = services["does not exist"]
        with server:
            wait_for(lambda: all(service.ready() for _ in range(10)), "being ready")
            assert service.health_lines()[1:] == ["health check database: up again"]
