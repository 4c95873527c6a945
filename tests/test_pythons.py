"""Pythons: one list of those that are tested, and the Makefiles find one of them, or a newer one."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.template import QUESTIONS, REPOSITORY

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
