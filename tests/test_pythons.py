"""Pythons: one list of those that are tested, and the Makefiles find one of them, or a newer one."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tools import combinations, documents, lock, pythons
from tools.template import QUESTIONS, REPOSITORY, TEMPLATE, answer, fill_in

from .conftest import Bake

TESTED = QUESTIONS["_pythons"]
NEWEST = f"python{TESTED[-1]}"
OLDEST = f"python{TESTED[0]}"
# A Python of another version than its own, which does not make environments.
FAKE = """#!/bin/sh
[ "$1" = -m ] && echo "chosen: $(basename "$0")" && exit 9
exec {real} -c "import sys; sys.version_info = ({version}); {before}
$2"
"""
SHIM = """#!/bin/sh
echo "pyenv: $(basename "$0"): command not found" >&2
exit 127
"""


@pytest.fixture(params=["template", "service"])
def project(request, bake: Bake, tmp_path: Path) -> Path:
    """A directory with what `make` needs to install the template's tools, or a service."""
    source = REPOSITORY if request.param == "template" else bake()
    directory = tmp_path / "project"
    directory.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt"):
        if (source / name).exists():
            shutil.copy(source / name, directory)
    return directory


Make = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def make(project: Path, tmp_path: Path) -> Make:
    """Installs a project where nothing but some Pythons is on the PATH."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("basename", "grep", "rm", "touch"):
        (tools / tool).symlink_to(str(shutil.which(tool)))

    def install(*arguments: str, **pythons: str) -> subprocess.CompletedProcess[str]:
        for name, text in pythons.items():
            (tools / name).write_text(text, encoding="utf-8")
            (tools / name).chmod(0o755)
        return subprocess.run(
            [str(shutil.which("make")), "--no-print-directory", ".venv/.installed", *arguments],
            cwd=project,
            env={"PATH": str(tools)},
            capture_output=True,
            text=True,
            check=False,
        )

    return install


def fake(version: str, before: str = "") -> str:
    """A Python of some version."""
    numbers = version.replace(".", ", ")
    return FAKE.format(real=sys.executable, version=f"{numbers}, 0", before=before)


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": fake(TESTED[0]), NEWEST: fake(TESTED[-1])}, "python3"),
        ({"python3": fake("3.9"), OLDEST: fake(TESTED[0])}, OLDEST),
        ({"python3": fake("3.99"), OLDEST: fake(TESTED[0])}, OLDEST),
        ({"python3": SHIM, NEWEST: SHIM, OLDEST: fake(TESTED[0])}, OLDEST),
        (
            {
                "python3": fake(TESTED[0], "sys.modules['ensurepip'] = None"),
                NEWEST: fake(TESTED[-1]),
            },
            NEWEST,
        ),
        ({NEWEST: fake(TESTED[-1]), OLDEST: fake(TESTED[0])}, NEWEST),
    ],
    ids=["tested", "too old", "newer", "shims", "no ensurepip", "no python3"],
)
def test_a_python_that_is_tested_is_taken_where_there_is_one(make: Make, pythons, chosen):
    result = make(**pythons)
    assert f"chosen: {chosen}\n" in result.stdout
    assert "newer" not in result.stdout


@pytest.mark.parametrize("arguments", [[], ["PYTHON=python3"]], ids=["found", "given"])
def test_a_newer_python_is_taken_with_one_line_that_says_so(make: Make, arguments):
    result = make(*arguments, python3=fake("3.99"))
    assert "chosen: python3\n" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if "newer" in line]
    assert line.startswith("Python 3.99 is newer than those that the tests run on (")
    assert set(re.findall(r"3\.\d+", line)) == {"3.99", *TESTED}


@pytest.mark.parametrize(
    ("python", "sentence"),
    [
        (fake("3.9"), "Python 3.11 or newer is needed, python3 is 3.9: set PYTHON"),
        (
            fake("3.99", "sys.modules['ensurepip'] = None"),
            "python3 cannot make an environment: install its ensurepip (Debian: python3-venv), "
            "or set PYTHON",
        ),
    ],
    ids=["too old", "no ensurepip"],
)
def test_what_cannot_be_taken_is_one_sentence(make: Make, python, sentence):
    result = make(python3=python)
    assert result.returncode != 0
    message, made = result.stderr.splitlines()
    assert message == sentence
    assert made.startswith("make: *** ")


def place(directory: Path, python: str = sys.executable, within: Path | None = None) -> None:
    """Puts an environment into a project, with scripts as pip writes them."""
    binaries = directory / ".venv" / "bin"
    binaries.mkdir(parents=True, exist_ok=True)
    (binaries / "python").unlink(missing_ok=True)
    (binaries / "python").symlink_to(python)
    for script in ("color-palette", "cookiecutter"):
        text = f"#!{(within or directory) / '.venv' / 'bin' / 'python'}\n"
        (binaries / script).write_text(text, encoding="utf-8")
    (directory / ".venv" / ".installed").touch()


def is_made_again(directory: Path) -> bool:
    command = ["make", "--dry-run", ".venv/.installed", f"PYTHON={sys.executable}"]
    result = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=True)
    return "-m venv" in result.stdout


@pytest.mark.parametrize("name", ["moved", "with spaces in its name"])
def test_the_environment_of_a_project_that_has_moved_is_made_again(project: Path, name: str):
    assert is_made_again(project)
    place(project)
    assert not is_made_again(project)
    moved = project.rename(project.with_name(name))
    assert is_made_again(moved)
    place(moved)
    assert not is_made_again(moved)


def test_the_environment_of_a_copy_is_not_that_of_the_original(project: Path):
    place(project)
    copy = Path(shutil.copytree(project, project.with_name("copy"), symlinks=True))
    assert is_made_again(copy)
    assert not is_made_again(project)


def test_an_environment_whose_python_is_gone_is_made_again(project: Path, tmp_path: Path):
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    place(project, str(python))
    assert not is_made_again(project)
    python.unlink()
    assert is_made_again(project)


def test_an_environment_may_be_a_link(project: Path, tmp_path: Path):
    for within in (project, tmp_path / "elsewhere"):
        shutil.rmtree(tmp_path / "elsewhere", ignore_errors=True)
        (tmp_path / "elsewhere" / ".venv").mkdir(parents=True)
        (project / ".venv").unlink(missing_ok=True)
        (project / ".venv").symlink_to(tmp_path / "elsewhere" / ".venv")
        place(project, within=within)
        assert not is_made_again(project)


# One list


@pytest.mark.parametrize("ci", ["github", "gitlab", "none"])
def test_every_file_of_a_service_has_the_same_pythons(bake: Bake, ci):
    service = bake(ci=ci)
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == f">={TESTED[0]}"
    environments = [f"py{version.replace('.', '')}" for version in TESTED]
    assert project["tool"]["tox"]["env_list"] == [*environments, "lint", "types"]
    assert made_with(service) == TESTED
    named = [
        version
        for path in service.rglob("*")
        if path.is_file() and not path.name.startswith("requirements")
        for version in re.findall(
            r"python(?:-version)?:? ?[\"']?(3\.\d+)\b",
            path.read_text(encoding="utf-8"),
            re.IGNORECASE,
        )
    ]
    assert named
    assert set(named) <= set(TESTED)


def test_the_template_has_the_pythons_of_the_services():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={TESTED[0]}"
    assert made_with(REPOSITORY) == TESTED


def made_with(directory: Path) -> list[str]:
    """The Pythons that a Makefile looks for, the oldest first."""
    text = (directory / "Makefile").read_text(encoding="utf-8")
    (found,) = re.findall(r"^PYTHONS := (.+)$", text, re.MULTILINE)
    return list(reversed(found.split()))


PIPELINES = {".github/workflows/ci.yaml": "github", ".gitlab-ci.yml": "gitlab"}


@pytest.mark.parametrize("path", PIPELINES)
def test_the_pipeline_of_every_combination_tests_each_python(path: str):
    source = (TEMPLATE / path).read_text(encoding="utf-8")
    deciding = {name for name in combinations.CHOICES if name in source} | {"ci", "database"}
    having = [answers for answers in combinations.every() if answers["ci"] == PIPELINES[path]]
    different = {tuple((name, answers[name]) for name in sorted(deciding)) for answers in having}
    texts = {fill_in(source, answer(**dict(answers))) for answers in different}
    assert len(texts) > 3
    for text in texts:
        test = documents.load(text)
        if path == ".gitlab-ci.yml":
            (tested,) = [part["PYTHON_VERSION"] for part in test["test"]["parallel"]["matrix"]]
            assert test["test"]["image"] == "python:$PYTHON_VERSION-bookworm"
        else:
            tested = test["jobs"]["test"]["strategy"]["matrix"]["python"]
        assert tested == TESTED


# What the newest Python would break


def package(name: str, requires: str = "", *classified: str, is_for_one: bool = False):
    return pythons.Package(name, "1.2", SpecifierSet(requires), classified, is_for_one)


def test_no_package_of_any_service_excludes_a_python(environment: Path):
    found = pythons.packages(environment)
    names = {package.name for package in found}
    for answers in lock.combinations():
        for name in (lock.DEVELOPMENT, lock.RUNTIME):
            pins = lock.pins(lock.render(name, answers))
            here = {pin for pin, text in pins.items() if "sys_platform == 'win32'" not in text}
            assert here <= names
    for version in TESTED:
        assert list(pythons.faults(found, version)) == []


def test_a_package_that_excludes_a_python_is_named_with_its_answers():
    found = [package("jaeger-client", ">=3.7,<3.14"), package("flask", ">=3.9")]
    assert list(pythons.faults(found, "3.13")) == []
    assert list(pythons.faults(found, "3.14")) == [
        "jaeger-client 1.2 (production, tracing=jaeger-client): excludes Python 3.14: it requires <3.14,>=3.7"
    ]


def test_a_package_that_stops_counting_before_a_python_is_named():
    found = [package("mypy", "", "3.9", "3.13"), package("flask"), package("gevent", "", "3.14")]
    (remark,) = pythons.remarks(found, "3.14")
    assert remark == "mypy 1.2 (development): its classifiers end with Python 3.13"


def test_a_package_without_a_wheel_for_a_python_is_named(monkeypatch: pytest.MonkeyPatch):
    asked: list[str] = []

    def uv(command: list[str], **options: str) -> subprocess.CompletedProcess[str]:
        assert command[command.index("--python-version") + 1] == "3.14"
        asked.append(options["input"])
        return subprocess.CompletedProcess(command, returncode=int("gevent" in options["input"]))

    found = [
        package("gevent", is_for_one=True),
        package("orjson", is_for_one=True),
        package("flask"),
    ]
    monkeypatch.setattr(pythons.subprocess, "run", uv)
    (fault,) = pythons.without_wheel(found, "3.14")
    assert fault.startswith("gevent 1.2 (production): has no wheel for Python 3.14")
    assert asked[0] == "gevent==1.2\norjson==1.2"
    assert pythons.without_wheel(found[1:], "3.14") == []


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"database": "sqlite", "tracing": "jaeger-client"},
        {"database": "none", "tracing": "none", "metrics": False},
    ],
    ids=["default", "jaeger", "memory"],
)
def test_the_code_of_services_has_nothing_that_the_newest_python_removes(bake: Bake, answers):
    assert pythons.code_faults(bake(**answers), TESTED[-1]) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import pkgutil\npkgutil.find_loader('x')", "2: `pkgutil.find_loader` is banned: removed"),
        ("from ast import Str\nStr", "1: `ast.Str` is banned: removed"),
        ("def f():\n    try:\n        pass\n    finally:\n        return 1", "5: `return` inside"),
        ("print 'x'", "1: Simple statements must be separated"),
        ("'\\d'", "1: Invalid escape sequence"),
    ],
    ids=["function", "import", "finally", "syntax", "escape"],
)
def test_what_a_python_removes_is_found(tmp_path: Path, code: str, fault: str):
    (tmp_path / "code.py").write_text(code, encoding="utf-8")
    assert [found for found in pythons.code_faults(tmp_path, "3.14") if f"code.py:{fault}" in found]


# What may be deprecated in a service's own tests, because nobody but a library can change it.
DEPRECATED = [
    # Connexion 2 is not changed any more, and the lock keeps this jsonschema.
    "ignore:(Accessing jsonschema|jsonschema|Passing a schema to Validator):DeprecationWarning:connexion.*",
]


@pytest.mark.parametrize("tracing", QUESTIONS["tracing"])
def test_what_is_deprecated_fails_the_tests_of_a_service(bake: Bake, tracing):
    text = (bake(tracing=tracing) / "pyproject.toml").read_text(encoding="utf-8")
    first, *others = tomllib.loads(text)["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert first == "error"
    categories = [line.split(":")[2] if line.count(":") > 1 else "" for line in others]
    named = [line for line in others if "Deprecat" in line or line.endswith("ignore")]
    assert named == DEPRECATED
    assert {*categories} <= {"DeprecationWarning", "pytest.PytestUnraisableExceptionWarning", ""}
    # What names no category names its message.
    assert all(line.split(":")[1] for line in others)
