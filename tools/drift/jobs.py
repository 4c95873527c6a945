"""What is run on other versions: the checks of all services, and the own tests of a few."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from cookiecutter.main import cookiecutter

from .. import environment, index
from ..combinations import describe, every, presets
from ..index import UnsolvableError
from ..lock import oldest_python
from ..template import Answers
from .copies import Copy
from .mixes import Mix

# Where one of these fails, nothing else is known.
INSTALLATION, CHECKS = BLOCKING = ("installation", "python -m tools.drift.net")
# The limit of a command of tests.
MINUTES = 25
PYTEST = ".venv/bin/pytest"
# What `make test-all` of a service makes.
WHOLE = (("make", "test"), ("make", "test-chassis"))


class Breakage(NamedTuple):
    """What is known of a fault or a failed test: what it says, and for which answers it was seen."""

    says: str
    answers: list[str]


# By the fault or the test.
Broken = dict[str, Breakage]


class Job(Protocol):
    """Something that is run on other versions."""

    name: str
    # Whose packages it depends on.
    owners: tuple[str, ...]

    def run(self, copy: Copy) -> Broken:
        """Runs it on the newest versions, which the copy has, and returns what is broken.

        Raises:
            UnreachableError: the index could not be asked.
        """

    def run_again(self, copy: Copy, mix: Mix, broken: Mapping[str, Breakage]) -> Broken:
        """Runs only what was broken, on other versions.

        Raises:
            UnsolvableError: the versions do not go together.
            UnreachableError: the index could not be asked.
        """


class Net:
    """The checks of the files of services, for all combinations."""

    name = "checks"
    owners = ("tools", "services")

    def run(self, copy: Copy) -> Broken:
        """See Job."""
        return self.check(copy, every())

    def run_again(self, copy: Copy, mix: Mix, broken: Mapping[str, Breakage]) -> Broken:
        """See Job."""
        copy.renew(mix)
        seen = {breakage.answers[0] for breakage in broken.values()}
        return self.check(copy, [some for some in every() if describe(some) in seen])

    def check(self, copy: Copy, combinations: list[Answers]) -> Broken:
        """Installs what the copy has locked, and checks services with it."""
        step = INSTALLATION
        try:
            copy.install()
            step = CHECKS
            command = (copy.python, "-m", "tools.drift.net", copy.packages)
            found = json.loads(copy.run(*command, given=json.dumps(combinations)))
        except UnsolvableError as error:
            return {step: Breakage(str(error), [describe(combinations[0])])}
        return {fault: Breakage("", answers) for fault, answers in found.items()}


@dataclass(frozen=True)
class Service:
    """The own tests of a service."""

    name: str
    answers: Answers
    # Why it is among those that are run.
    reason: str
    owners = ("services",)

    def run(self, copy: Copy) -> Broken:
        """See Job."""
        service = self.render(copy)
        if broken := self.install(service):
            return broken
        broken = {}
        for command in WHOLE:
            for what, says in run_tests(service, *command).items():
                broken[what] = Breakage(says, [self.name])
        return broken

    def run_again(self, copy: Copy, mix: Mix, broken: Mapping[str, Breakage]) -> Broken:
        """See Job."""
        service = self.render(copy)
        lock(service, mix.services)
        if uninstallable := self.install(service):
            return uninstallable
        found: dict[str, str] = {}
        for command in commands(broken):
            found |= run_tests(service, *command)
        if any(what.startswith(PYTEST) for what in found):
            raise UnsolvableError("the tests do not start")
        return {what: Breakage(says, [self.name]) for what, says in found.items()}

    def render(self, copy: Copy) -> Path:
        """Generates the service of the copy."""
        directory = copy.directory / self.name.replace(" ", "-")
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        return Path(
            cookiecutter(
                str(copy.root),
                no_input=True,
                default_config=True,
                output_dir=str(directory),
                extra_context=self.answers,
            )
        )

    def install(self, service: Path) -> Broken:
        """Installs the service from its lock, or returns why it cannot be."""
        try:
            environment.install(service)
        except UnsolvableError as error:
            return {INSTALLATION: Breakage(str(error), [self.name])}
        return {}


MINIMAL = presets()["minimal"]
SERVICES = (
    Service("default", {}, "what most teams have: PostgreSQL, OpenTelemetry, metrics, calls"),
    Service("minimal", MINIMAL, "the core alone: what only works by a package of an option fails"),
    Service(
        "jaeger sqlite",
        {"tracing": "jaeger-client", "database": "sqlite"},
        "packages that nobody maintains any more, on newer ones; and the other database",
    ),
    Service(
        "calls metrics",
        MINIMAL | {"http_client": True, "metrics": True},
        "calls and metrics without spans and without a database",
    ),
)
JOBS: tuple[Job, ...] = (Net(), *SERVICES)


def lock(service: Path, constraints: str) -> None:
    """Locks what a service needs for its development within constraints."""
    pyproject = service / "pyproject.toml"
    python = oldest_python(pyproject.read_text(encoding="utf-8"))
    arguments = ["pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    arguments += ["--no-strip-extras", "--python-version", python, "--group", "dev"]
    arguments += ["--output-file", "requirements-dev.txt", "pyproject.toml"]
    bounds = service / "constraints.txt"
    bounds.write_text(constraints, encoding="utf-8")
    (service / "requirements-dev.txt").unlink()
    index.uv(*arguments, "--constraints", bounds, cwd=service)
    bounds.unlink()


def commands(broken: Iterable[str]) -> list[tuple[str, ...]]:
    """Gives what runs failed tests; all tests, if a command failed without one."""
    if any(what.startswith("make ") for what in broken):
        return list(WHOLE)
    chassis = [test for test in broken if test.startswith("tests/chassis/")]
    own = [test for test in broken if test not in chassis]
    return [(PYTEST, *tests) for tests in (own, chassis) if tests]


def run_tests(service: Path, *command: str) -> dict[str, str]:
    """Runs tests of an installed service and returns those that fail, with what they say.

    If the command fails without a failed test, it is named itself.

    Args:
        service: its directory.
        command: runs pytest.
    """
    memory = service / ".pytest_cache" / "v" / "cache" / "lastfailed"
    memory.unlink(missing_ok=True)
    outer = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("APP_", "MAKE", "MFLAGS", "OTEL_", "PYTEST_", "PYTHON"))
    }
    run = subprocess.run(
        ["timeout", "--kill-after=10", str(60 * MINUTES), *command],
        cwd=service,
        env={
            **outer,
            "PATH": f"{service / '.venv' / 'bin'}{os.pathsep}{outer['PATH']}",
            "PYTEST_ADDOPTS": "--continue-on-collection-errors",
            "FUZZ": "whole",
            # What a test says is cut off at the end of a line.
            "COLUMNS": "300",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if not run.returncode:
        return {}
    tests = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
    if not tests:
        return {" ".join(command[:2]): (run.stdout.strip().splitlines() or ["no word"])[-1]}
    return {test: reason(test, run.stdout) for test in tests}


def reason(test: str, output: str) -> str:
    """Finds in what pytest printed why a test failed."""
    found = re.search(rf"^(?:FAILED|ERROR) {re.escape(test)} - (.*)", output, re.MULTILINE)
    return found[1] if found else ""
