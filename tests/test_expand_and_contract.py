"""docs/migrations.md of a service: while its releases follow each other, the one before works on the schema of the next."""

import itertools
import json
import re
import shlex
import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from tools import recipes

from .conftest import Bake
from .live import Database, Service, asking, environment, migrate, run

PAGE = Path("docs", "migrations.md")
COLORS = "/v1/colors"
COMMANDS = [
    "ruff check .",
    "ruff format --check .",
    "mypy",
    "pytest -q --no-cov tests/colors tests/contract tests/test_migrations.py --deselect=tests/contract/test_fuzz.py",
]
READY = """
import json

from color_palette.app import create_app

print(json.dumps(create_app().test_client().get("/readyz").get_json()))
"""


def releases(root: Path) -> list[str]:
    """Returns the sections of the page that are a release each."""
    text = (root / PAGE).read_text(encoding="utf-8")
    return [
        part.partition("\n## ")[0] for part in re.split(r"^### Release \d", text, flags=re.M)[1:]
    ]


@pytest.fixture(scope="module")
def trees(bake: Bake, default: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The service as it was first, and as it is after each release."""
    directory = tmp_path_factory.mktemp("releases")
    trees = [directory / "0" / "color-palette"]
    shutil.copytree(bake(), trees[0])
    (trees[0] / ".venv").symlink_to(default / ".venv")
    for number, text in enumerate(releases(trees[0]), 1):
        root = directory / str(number) / "color-palette"
        shutil.copytree(trees[-1], root, symlinks=True)
        for step in recipes.steps(text):
            step.follow(root)
        for command in recipes.commands(text):
            make(root, command)
        trees.append(root)
    return trees


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


class Clients:
    """They use all operations, all the time."""

    def __init__(self, service: Service, release: str) -> None:
        self._service, self._release = service, release
        self._numbers = itertools.count()

    def use(self) -> list[int]:
        """Returns the status of each operation."""
        number = next(self._numbers)
        name = f"{self._release} {number}"
        created = self._service.post(COLORS, name=name, category="warm")
        path = created.headers["Location"]
        answers = [
            created,
            self._service.get(f"{COLORS}?limit=100&sort=-created_at"),
            self._service.request("PUT", path, json={"name": name, "category": "cold"}),
            self._service.request("PATCH", path, json={"priority": 3}),
            self._service.get(path),
        ]
        if number % 2:
            answers.append(self._service.request("DELETE", path))
        return [answer.status_code for answer in answers]


@pytest.mark.timeout(600)
def test_each_release_works_on_the_schema_of_the_next(
    trees: list[Path], empty_database: Database, tmp_path: Path
) -> None:
    # Responses are checked against the contract in development.
    variables = empty_database.variables | {"APP_ENVIRONMENT": "development", "PYTHONPATH": "src"}
    migrate(trees[0], empty_database, PYTHONPATH="src")
    for number, (old, new) in enumerate(pairwise(trees), 1):
        assert ready(new, variables) == "schema behind"
        with Service(old, tmp_path, **variables) as before:
            clients = Clients(before, f"Old {number}")
            with asking(clients.use) as answers:
                migrate(new, empty_database, PYTHONPATH="src")
                assert ready(new, variables) == "up"
                assert before.ready()
                with Service(new, tmp_path, **variables) as after:
                    clients_after = Clients(after, f"New {number}")
                    for _ in range(10):
                        answers += [clients_after.use(), clients.use()]
        statuses = Counter(status for answer in answers for status in answer)
        assert set(statuses) == {200, 201, 204}, number
        remarks = [line["message"] for line in before.log() if "schema is ahead" in line["message"]]
        assert len(remarks) == 1
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'colors'"
    assert ("weight",) not in empty_database.run(columns)


@pytest.mark.timeout(600)
def test_a_service_with_a_column_that_goes_is_in_order(trees: list[Path]) -> None:
    for command in COMMANDS:
        program, *arguments = command.split()
        result = run(trees[3], program, *arguments, PYTHONPATH="src")
        assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


def ready(root: Path, variables: dict[str, str]) -> str:
    """Returns the state of the database, as an instance says that starts there."""
    result = run(root, "python", "-c", READY, **variables)
    assert result.returncode == 0, result.stderr
    return str(json.loads(result.stdout)["checks"]["database"])
