"""The generated services: each installs from its own lock alone and passes its own checks."""

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from tools.combinations import CHOICES, DEFAULT, describe, pairs, presets, unique
from tools.template import QUESTIONS, REPOSITORY

from .conftest import Bake
from .interpreters import find_python
from .samples import todays

# A busy machine needs long; what hangs in a service's own tests, those end after minutes.
pytestmark = pytest.mark.timeout(1600)

PYTHONS = QUESTIONS["_pythons"]
# Debian and pyenv do not have it everywhere.
OPTIONAL = {"3.14"}
AWKWARD = {
    "project_name": 'Zoë\'s R&D: "Sheep" #1',
    "project_slug": "sheep-counter",
    "package_name": "server",
    "resource": "sheep",
    "resource_plural": "sheep",
    "database": "sqlite",
    "tracing": "jaeger-client",
    "metrics": False,
    "ci": "gitlab",
}
# Every value of every question that decides on code occurs in them; `make test-all` takes more.
CHOSEN = [*unique([DEFAULT, *presets().values()]), AWKWARD]
SERVICES = unique([*CHOSEN, *pairs()]) if os.environ.get("TEST_ALL") else CHOSEN


def run(service: Path, *command: str) -> str:
    """Runs a command of the service's environment; returns what it printed, also if it hangs."""
    path = f"{service / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("APP_", "PYTEST_"))}
    result = subprocess.run(
        ("timeout", "--kill-after=10", "1500", *command),
        cwd=service,
        env={**environment, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-8000:]
    return result.stdout


def check_report(output: str, gates: int) -> None:
    """Looks whether a service's own tests were all run, and how much they covered."""
    assert output.count("Required test coverage of 90.0% reached") == gates
    assert not re.search(r"\d+ (skipped|xfailed|deselected)", output)


# The awkward one runs them after it was installed as users do: test_running.
@pytest.mark.parametrize(
    "answers", [answers for answers in SERVICES if answers != AWKWARD], ids=describe
)
def test_a_service_passes_its_own_tests(install: Bake, answers):
    # The tests of the chassis are the same in all services: test_chassis runs them for other answers.
    if answers == DEFAULT or os.environ.get("TEST_ALL"):
        check_report(run(install(**answers), "make", "test-all"), gates=2)
    else:
        check_report(run(install(**answers), "make", "test", "FUZZ=whole"), gates=1)


# The matrix sees all with the same tools and settings, so one is enough in a usual run.
@pytest.mark.parametrize(
    "answers", SERVICES if os.environ.get("TEST_ALL") else [DEFAULT], ids=describe
)
def test_a_service_passes_its_own_lint(install: Bake, answers):
    run(install(**answers), "make", "lint")


def test_no_slug_hides_a_command_of_the_environment(install: Bake):
    hook = runpy.run_path(str(REPOSITORY / "hooks" / "pre_gen_project.py"))
    question = hook["QUESTIONS"]["project_slug"]
    commands = {path.name for path in (install() / ".venv" / "bin").iterdir()}
    free = {name for name in commands if hook["find_problem"](name, question) is None}
    assert free == {"color-palette"}


@pytest.mark.parametrize("question", [name for name in CHOICES if name != "license"])
def test_every_value_occurs_in_a_service_that_is_tested(question):
    values = {(DEFAULT | answers)[question] for answers in CHOSEN}
    assert values == set(CHOICES[question])


def test_tox_runs_the_tests_on_every_supported_python(install: Bake):
    # The other tests run on this one.
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {version for version in PYTHONS if find_python(version)}
    missing = sorted({*PYTHONS} - found - OPTIONAL)
    assert not missing, f"this test needs Python {', '.join(missing)} on the PATH, and that it runs"
    # One of the others has its turn each day.
    versions = todays(sorted(found - {here}), len(found - {here}))
    environments = [*(f"py{version.replace('.', '')}" for version in versions), "lint", "types"]
    # The fuzz is the same on each of them, and takes long, as do the servers of the chassis's tests.
    left_out = "--ignore=tests/chassis/integration --ignore=tests/contract/test_fuzz.py"
    output = run(
        install(**AWKWARD),
        *("tox", "run-parallel", "--parallel", "3", "-e", ",".join(environments)),
        *("--override", f"tool.tox.env_run_base.commands=pytest {left_out}"),
    )
    for environment in environments:
        assert f"{environment}: OK" in output
