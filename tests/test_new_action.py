"""docs/resources.md of a service: an action that was added as the page tells happens once, however many ask for it."""

import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from urllib.parse import urlsplit

import pytest

from tools import recipes
from tools.combinations import describe

from .conftest import Bake
from .live import ANSWER_SECONDS, Database, Service, environment, run
from .samples import todays

PAGE, SECTION = Path("docs", "resources.md"), "\n## An action on a resource\n"
AT_ONCE, ROUNDS = 50, 40
LINES = 40
INVOICE = {"total": 12.5}


def section(root: Path) -> str:
    """Returns the part of the page that tells of actions."""
    text = (root / PAGE).read_text(encoding="utf-8")
    return text.partition(SECTION)[2].partition("\n## ")[0]


def follow(root: Path) -> None:
    """Does what the section tells: the resource, the changes, and the commands after them."""
    text = section(root)
    _, _, transcript = text.partition("```console\n$ ")
    make(root, transcript.partition("\n")[0])
    for step in recipes.steps(text):
        step.follow(root)
    for command in recipes.commands(text):
        make(root, command)


def make(root: Path, command: str) -> None:
    result = subprocess.run(
        shlex.split(command),
        cwd=root,
        env=environment(PYTHONPATH="src"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


@pytest.fixture(scope="module")
def shop(
    bake: Bake, install: Bake, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """Makes a service with invoices that can be paid, once for each answers."""
    made: dict[str, Path] = {}

    def make_shop(**answers: str) -> Path:
        name = answers.get("database", "default")
        if name not in made:
            root = tmp_path_factory.mktemp("shop") / "color-palette"
            shutil.copytree(bake(**answers), root)
            (root / ".venv").symlink_to(install(**answers) / ".venv")
            follow(root)
            made[name] = root
        return made[name]

    return make_shop


@pytest.mark.parametrize("answers", todays([{}, {"database": "none"}], 1), ids=describe)
@pytest.mark.timeout(600)
def test_the_service_is_as_clean_as_before(
    shop: Callable[..., Path], answers: dict[str, str]
) -> None:
    root = shop(**answers)
    tests = "pytest -q --no-cov tests/invoices tests/contract/test_code.py tests/contract/test_contract.py"
    for command in ("ruff check .", "ruff format --check .", "mypy", tests):
        result = run(root, *command.split(), PYTHONPATH="src")
        assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


def test_an_action_takes_few_lines(bake: Bake) -> None:
    steps = [step for step in recipes.steps(section(bake())) if step.path.startswith("src/")]
    lines = [line for step in steps for line in step.text.splitlines() if line.rstrip("+ ")]
    assert sum(line.startswith("+") for line in lines) <= LINES


class Payers:
    """Clients that ask at the same time, each over a connection of its own that it keeps."""

    def __init__(self, service: Service, count: int) -> None:
        address = urlsplit(service.url)
        self._connections = [
            HTTPConnection(str(address.hostname), address.port, timeout=ANSWER_SECONDS)
            for _ in range(count)
        ]
        self._barrier = Barrier(count)
        self._threads = ThreadPoolExecutor(count)

    def close(self) -> None:
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()

    def pay(self, invoice: str) -> list[int]:
        """Returns the statuses of all answers."""

        def ask(connection: HTTPConnection) -> int:
            self._barrier.wait(ANSWER_SECONDS)
            connection.request("POST", f"/v1/invoices/{invoice}/pay")
            with connection.getresponse() as response:
                response.read()
                return response.status

        return list(self._threads.map(ask, self._connections))


@pytest.fixture(params=["sqlite", "postgresql", "memory"])
def service(
    request: pytest.FixtureRequest, shop: Callable[..., Path], tmp_path: Path
) -> Iterator[Service]:
    """A service on each storage; workers share all but the memory."""
    with ExitStack() as stack:
        if request.param == "memory":
            root, variables = shop(database="none"), {"APP_ENVIRONMENT": "production"}
        else:
            root, variables = shop(), {"APP_ENVIRONMENT": "development"}
            variables["APP_DATABASE__URL"] = f"sqlite:///{tmp_path / 'test.db'}"
            if request.param == "postgresql":
                server = request.getfixturevalue("postgresql")
                variables = stack.enter_context(Database(server)).variables
            migrated = run(root, "color-palette", "db", "upgrade", PYTHONPATH="src", **variables)
            assert migrated.returncode == 0, migrated.stdout + migrated.stderr
            variables["APP_SERVER__WORKERS"] = "2"
        variables |= {"PYTHONPATH": "src", "APP_SERVER__DRAIN_DELAY": "0"}
        yield stack.enter_context(Service(root, tmp_path, **variables))


@pytest.mark.timeout(300)
def test_what_must_happen_once_happens_once(service: Service) -> None:
    with closing(Payers(service, AT_ONCE)) as payers:
        for number in range(ROUNDS):
            created = service.post("/v1/invoices", number=str(number), **INVOICE)
            assert created.status_code == 201, created.text
            invoice = created.json()["id"]
            statuses = payers.pay(invoice)
            assert sorted(statuses) == [200, *[409] * (AT_ONCE - 1)]
            assert service.get(f"/v1/invoices/{invoice}").json()["paid_at"]
