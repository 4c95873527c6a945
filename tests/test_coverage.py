"""The gates of a service's tests: each package has one, which code without a test closes."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import Bake

PACKAGES = {"test": "color_palette", "test-chassis": "chassis"}
CODE = """
def used() -> int:
    return 1


def unused() -> int:
    first = 1
    second = 2
    return first + second
"""
TEST = """
from {package} import code


def test_code() -> None:
    assert code.used() == 1
    assert code.unused() == 3
"""


@pytest.fixture
def small(bake: Bake, tmp_path: Path) -> Path:
    """The Makefile and the settings of a service, with two packages of which every line is tested."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(bake() / name, tmp_path)
    for package, tests in (("color_palette", "tests"), ("chassis", "tests/chassis")):
        (tmp_path / "src" / package).mkdir(parents=True)
        (tmp_path / "src" / package / "__init__.py").touch()
        (tmp_path / "src" / package / "code.py").write_text(CODE)
        (tmp_path / tests).mkdir(exist_ok=True)
        (tmp_path / tests / f"test_{package}.py").write_text(TEST.format(package=package))
    return tmp_path


def make(root: Path, environment: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a target with the packages of every option, as if they were installed by it."""
    return subprocess.run(
        ["make", "--old-file=install", f"BIN={environment / 'bin'}", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("target", PACKAGES)
def test_code_without_a_test_fails_the_gate_of_its_package_alone(
    small: Path, environment: Path, target: str
) -> None:
    assert "coverage of 90.0% reached" in make(small, environment, target).stdout
    code = (small / "src" / PACKAGES[target] / "code.py").open("a")
    with code:
        code.write(CODE.replace("used", "forgotten"))
    for other in PACKAGES:
        result = make(small, environment, other)
        assert (result.returncode == 0) is (other != target), result.stdout
    assert "Required test coverage of 90.0% not reached" in make(small, environment, target).stdout
    assert make(small, environment, "test-all").returncode != 0


@pytest.mark.parametrize("target", PACKAGES)
def test_arguments_narrow_the_tests_and_measure_nothing(
    small: Path, environment: Path, target: str
) -> None:
    result = make(small, environment, target, f"ARGS=-k test_{PACKAGES[target]}")
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
    assert "coverage" not in result.stdout
