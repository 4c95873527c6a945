"""The chassis: a Python package that knows no service, and is the same in all that have the same features."""

import ast
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.combinations import DEFAULT, describe, presets, unique
from tools.template import TEMPLATE

from .conftest import Bake

CHASSIS = TEMPLATE / "src" / "chassis"
FILES = {
    path.relative_to(CHASSIS).as_posix(): path
    for path in sorted(CHASSIS.rglob("*"))
    if path.is_file() and "__pycache__" not in path.parts
}
OTHER_NAMES = {
    "project_name": "Zebra Crossings",
    "package_name": "zebras",
    "resource": "zebra_crossing",
    "author_name": "Zoe",
}
# With the default service, which runs them itself, the tests of every part of the chassis run in one of these.
SERVICES = [
    DEFAULT | {"database": "sqlite", "tracing": "jaeger-client"},
    DEFAULT | presets()["minimal"],
]
IMPORT_ALL = """
import importlib, importlib.util, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
assert importlib.util.find_spec("color_palette") is None
"""


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A directory that has the chassis with all its features, and nothing else."""
    target = tmp_path / "src" / "chassis"
    shutil.copytree(CHASSIS, target, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_it_has_no_tag_and_no_name_of_a_service(name: str) -> None:
    text = FILES[name].read_text(encoding="utf-8")
    assert re.findall(r"<%|%>|<<|>>|<#|#>|cookiecutter|color", text) == []


@pytest.mark.parametrize("answers", unique([DEFAULT, *presets().values()]), ids=describe)
def test_it_is_copied_as_it_is(bake: Bake, answers: dict[str, object]) -> None:
    for service in (bake(**answers), bake(**answers, **OTHER_NAMES)):
        chassis = service / "src" / "chassis"
        copied = [path for path in chassis.rglob("*") if path.is_file()]
        assert copied
        for path in copied:
            assert path.read_bytes() == FILES[path.relative_to(chassis).as_posix()].read_bytes()


@pytest.mark.parametrize("answers", unique([DEFAULT, *presets().values()]), ids=describe)
def test_the_configuration_of_gunicorn_is_a_table_of_contents(
    bake: Bake, answers: dict[str, object]
) -> None:
    text = (bake(**answers) / "gunicorn.conf.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 45
    functions = (ast.FunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]


def test_little_is_left_to_the_owner(bake: Bake) -> None:
    package = bake() / "src" / "color_palette"
    modules = [path for path in package.rglob("*.py") if path.name != "schemas.py"]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
    assert 300 < lines <= 600


@pytest.mark.parametrize("answers", unique([DEFAULT, *presets().values()]), ids=describe)
def test_its_tests_are_the_same_in_every_service(bake: Bake, answers: dict[str, object]) -> None:
    first, second = (
        {
            path.relative_to(service): path.read_bytes()
            for path in (service / "tests" / "chassis").rglob("*")
            if path.is_file()
        }
        for service in (bake(**answers), bake(**answers, **OTHER_NAMES))
    )
    assert first
    assert first == second


@pytest.mark.timeout(900)
@pytest.mark.parametrize("answers", SERVICES, ids=describe)
def test_its_tests_pass_without_a_service(
    bake: Bake, environment: Path, tmp_path: Path, answers: dict[str, object]
) -> None:
    service = bake(**answers)
    for name in ("src/chassis", "tests/chassis"):
        shutil.copytree(service / name, tmp_path / name)
    conftest = (service / "tests" / "conftest.py").read_text(encoding="utf-8")
    (plugins,) = re.findall(r"^pytest_plugins = \[.*?^\]\n", conftest, re.MULTILINE | re.DOTALL)
    (tmp_path / "tests" / "conftest.py").write_text(plugins)
    text = (service / "pyproject.toml").read_text(encoding="utf-8")
    settings = text[text.index("[tool.pytest.ini_options]") : text.index("[tool.coverage.run]")]
    (tmp_path / "pyproject.toml").write_text(settings)
    run = subprocess.run(
        [environment / "bin" / "python", "-m", "pytest", "tests/chassis"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-8000:]
    assert not re.search(r"\d+ (skipped|xfailed|deselected)", run.stdout)


@pytest.mark.timeout(300)
def test_it_can_be_imported_alone(alone: Path, environment: Path) -> None:
    names = [
        ".".join(["chassis", *Path(name).with_suffix("").parts]).removesuffix(".__init__")
        for name in FILES
        if name.endswith(".py")
    ]
    run = subprocess.run(
        [environment / "bin" / "python", "-P", "-c", IMPORT_ALL, *names],
        env={**os.environ, "PYTHONPATH": str(alone / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.timeout(300)
def test_its_types_are_right_with_all_its_features(alone: Path, environment: Path) -> None:
    text = (TEMPLATE / "pyproject.toml").read_text(encoding="utf-8")
    settings = text[text.index("[tool.mypy]") : text.index("[tool.pytest.ini_options]")]
    settings = re.sub(r"^(<%|files = ).*\n", "", settings, flags=re.MULTILINE)
    (alone / "pyproject.toml").write_text(settings)
    run = subprocess.run(
        [environment / "bin" / "mypy", "--cache-dir", alone / "cache", "src"],
        cwd=alone,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
