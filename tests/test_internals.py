"""What is used of libraries beyond their documented surfaces: docs/internals.md lists it, and a test notices when it changes.

Each name of the list is renamed in its library, and the test that the list names has to fail. That takes minutes for all, so a run takes
each twentieth name, others each day; `make test-all` takes all.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.combinations import DEFAULT
from tools.template import REPOSITORY

from .conftest import Bake
from .samples import todays

PAGE = REPOSITORY / "docs" / "internals.md"
SABOTAGE = Path(__file__).with_name("sabotage")
# The first that has a test runs it; the files of all are read.
SERVICES = [
    DEFAULT | {"database": "sqlite", "tracing": "jaeger-client"},
    DEFAULT,
    DEFAULT | {"database": "none", "tracing": "none", "metrics": False, "http_client": False},
]
# A service is installed as far as Python looks: its name and version.
METADATA = "Metadata-Version: 2.1\nName: color-palette\nVersion: 0.1.0\n"
# Where the name alone says too little, the modules in which it is renamed.
SCOPES = {
    "sqlalchemy.util.queue": "sqlalchemy.util.queue,sqlalchemy.pool",
    "?._sock": "gevent",
    "?._sqla_logger_namespace": "sqlalchemy",
    "?._type_bound": "sqlalchemy",
    "?._variant_mapping": "sqlalchemy",
    "?.connexion_context": "connexion",
    '"truncating"': "opentelemetry",
}


@dataclass(frozen=True)
class Entry:
    """A line of the list."""

    names: tuple[str, ...]
    files: frozenset[str]
    test: str


def section(title: str) -> list[list[str]]:
    """Reads the table below a heading of the page: the texts in backticks, cell by cell."""
    text = PAGE.read_text(encoding="utf-8")
    (body,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (?!library|---)(.*) \|$", body, re.MULTILINE)
    return [[*row.split(" | ")] for row in rows]


def quoted(cell: str) -> list[str]:
    """The texts in backticks."""
    return re.findall(r"`([^`]+)`", cell)


def entries(title: str) -> list[Entry]:
    """Reads the list of services or of the template."""
    return [
        Entry(tuple(full_names(quoted(what))), frozenset(quoted(files)), *quoted(test))
        for _, what, files, _, test in section(title)
    ]


def full_names(names: list[str]) -> list[str]:
    """Puts the class that was named last before the names that begin with a dot."""
    found, owner = [], ""
    for name in names:
        found.append(owner + name if name.startswith(".") else name)
        if kind := re.match(r"(?:.*\.)?[A-Z]\w*[a-z]\w*(?=\.|$)", found[-1]):
            owner = kind[0]
    return found


IN_SERVICES, IN_TEMPLATE = entries("Services"), entries("The template")
DOCUMENTED = [name for _, names in section("What counts as documented") for name in quoted(names)]
RENAMED = [(name, entry.test) for entry in IN_SERVICES for name in entry.names]


@pytest.fixture(scope="module")
def services(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Services whose tests run in the environment that has the packages of every option."""
    copies = []
    for answers in SERVICES:
        service = Path(
            shutil.copytree(bake(**answers), tmp_path_factory.mktemp("service") / "copy")
        )
        metadata = service / "src" / "color_palette-0.1.0.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(METADATA, encoding="utf-8")
        copies.append(service)
    return copies


def uses(python: Path | str, *roots: Path) -> dict[str, tuple[bool, frozenset[str]]]:
    """What the files below some directories use: whether it is documented, and which files."""
    run = subprocess.run(
        [
            python,
            "-W",
            "ignore",
            REPOSITORY / "tools" / "internals.py",
            json.dumps(DOCUMENTED),
            *roots,
        ],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    lines = map(json.loads, run.stdout.splitlines())
    return {use["name"]: (use["documented"], frozenset(use["files"])) for use in lines}


def faults(
    used: dict[str, tuple[bool, frozenset[str]]], listed: list[Entry], *roots: Path
) -> list[str]:
    """Finds what is used and not listed, and what is listed and not used."""
    found = []
    names = {name for entry in listed for name in entry.names}
    found += [
        f"{name} is not documented, and not in docs/internals.md: {', '.join(sorted(files))}"
        for name, (documented, files) in used.items()
        if not documented and name not in names
    ]
    for entry in listed:
        files = set()
        for name in entry.names:
            if name in used:
                files |= used[name][1]
                continue
            # A program cannot tell whose it is.
            text = name.strip('"').rpartition(".")[2] if "." in name else name.strip('"')
            having = {file for file in entry.files if has(roots, file, text)}
            files |= having
            if not having:
                found.append(f"docs/internals.md lists {name}, which is not used")
        if files != entry.files:
            found.append(
                f"{entry.names[0]}: docs/internals.md has other files than {sorted(files)}"
            )
    return found


def has(roots: tuple[Path, ...], file: str, text: str) -> bool:
    """Whether a file has a text."""
    paths = [root / file for root in roots if (root / file).is_file()]
    return any(re.search(rf"\b{re.escape(text)}\b", path.read_text("utf-8")) for path in paths)


def test_services_use_what_the_page_lists_and_no_more(
    environment: Path, services: list[Path]
) -> None:
    used = uses(environment / "bin" / "python", *services)
    assert faults(used, IN_SERVICES, *services) == []


def test_the_template_uses_what_the_page_lists_and_no_more() -> None:
    assert faults(uses(sys.executable, REPOSITORY), IN_TEMPLATE, REPOSITORY) == []


PLANTED = {
    "an import": (
        "from sqlalchemy.util import queue\nqueue.Queue()",
        "sqlalchemy.util.queue.Queue",
    ),
    "a private name": ("import requests\nrequests.Response()._next = 1", "requests.Response._next"),
    "of an argument": (
        "from flask import Flask\ndef f(app: Flask) -> None:\n    app._check_setup_finished('x')",
        "flask.Flask._check_setup_finished",
    ),
    "of an argument without a type": (
        "from typing import Any\ndef f(arbiter: Any) -> None:\n    arbiter.reap_workers()",
        "gunicorn.arbiter.Arbiter.reap_workers",
    ),
    "of an attribute": (
        "from connexion.operations import AbstractOperation\nclass A:\n"
        "    def __init__(self, operation: AbstractOperation) -> None:\n        self._it = operation\n"
        "    def f(self) -> None:\n        self._it.function",
        "connexion.operations.AbstractOperation.function",
    ),
    "of a base class": (
        "from gunicorn.workers.ggevent import GeventWorker\nclass W(GeventWorker):\n"
        "    def timeout_ctx(self) -> None: ...",
        "gunicorn.workers.ggevent.GeventWorker.timeout_ctx",
    ),
    "an attribute of the objects of a base class": (
        "from prometheus_client.mmap_dict import MmapedDict\nclass D(MmapedDict):\n"
        "    def f(self) -> None:\n        self._fname",
        "prometheus_client.mmap_dict.MmapedDict._fname",
    ),
    "a text": (
        "import gevent\ngetattr(gevent.Timeout(1), '_on_expiration')",
        "gevent.Timeout._on_expiration",
    ),
    "a patch": (
        "def test(monkeypatch):\n    monkeypatch.setattr('alembic.command.upgrade', None)",
        "alembic.command.upgrade",
    ),
    "of something unknown": ("def f(thing):\n    return thing._hidden", "?._hidden"),
}


def test_what_is_not_documented_is_found(environment: Path, tmp_path: Path) -> None:
    for number, (code, _) in enumerate(PLANTED.values()):
        (tmp_path / f"planted_{number}.py").write_text(code, encoding="utf-8")
    used = uses(environment / "bin" / "python", tmp_path)
    assert {name for _, name in PLANTED.values()} <= {
        name for name, (documented, _) in used.items() if not documented
    }
    unlisted = faults(used, [], tmp_path)
    assert "?._hidden is not documented, and not in docs/internals.md: planted_9.py" in unlisted
    unused = Entry(("gunicorn.util.chown", "?._lost"), frozenset({"planted_0.py"}), "")
    assert faults({}, [unused], tmp_path)[:2] == [
        "docs/internals.md lists gunicorn.util.chown, which is not used",
        "docs/internals.md lists ?._lost, which is not used",
    ]


def having(services: list[Path], test: str) -> Path:
    """The first service that has a test."""
    (service, *_) = [
        service for service in services if (service / test.partition("::")[0]).exists()
    ]
    return service


def run_tests(
    environment: Path, service: Path, *tests: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs tests of a service."""
    path = os.pathsep.join(
        str(part) for part in (SABOTAGE if variables else "src", service / "src")
    )
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("APP_", "PYTEST_"))}
    return subprocess.run(
        [
            environment / "bin" / "python",
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            *tests,
        ],
        cwd=service,
        env={**inherited, "PYTHONPATH": path, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )


def test_each_test_of_the_list_passes(environment: Path, services: list[Path]) -> None:
    tests: dict[Path, set[str]] = {}
    for entry in IN_SERVICES:
        tests.setdefault(having(services, entry.test), set()).add(entry.test)
    for service, names in tests.items():
        run = run_tests(environment, service, *sorted(names))
        assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(("name", "test"), todays(RENAMED, 20))
def test_a_name_that_changes_is_noticed(
    environment: Path, services: list[Path], name: str, test: str
) -> None:
    scopes = [scope for start, scope in SCOPES.items() if name.startswith(start)]
    (scope,) = scopes or [name.partition(".")[0]]
    what = name.replace("?", "Unknown")
    run = run_tests(environment, having(services, test), test, RENAMED=f"{what} {scope}")
    assert "Error in sitecustomize" not in run.stdout, run.stdout
    assert run.returncode != 0, f"{test} passes without {name}"
