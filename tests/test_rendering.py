"""Rendering: the same answers give the same files, whatever is around."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tools.combinations import CHOICES, DEFAULT, describe, presets, unique
from tools.template import REPOSITORY, render

from .conftest import Bake

TITLES = {
    "MIT": "MIT License",
    "BSD-3-Clause": "BSD 3-Clause License",
    "Apache-2.0": "Apache License",
    "Proprietary": "All rights reserved",
}
STARTS = unique([DEFAULT, *presets().values()])


def contents(service: Path) -> dict[str, tuple[int, bytes]]:
    """The mode and the bytes of each file of a service."""
    return {
        path.relative_to(service).as_posix(): (path.stat().st_mode, path.read_bytes())
        for path in service.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("answers", STARTS, ids=describe)
def test_the_same_answers_give_the_same_bytes(bake: Bake, tmp_path, answers):
    assert contents(render(tmp_path / "again", **answers)) == contents(bake(**answers))


@pytest.mark.parametrize("answers", STARTS, ids=describe)
def test_the_command_works_without_network_git_or_home(bake: Bake, tmp_path, answers):
    command = [sys.executable, "-m", "cookiecutter", "--no-input", str(REPOSITORY)]
    command += [f"{name}={value}".lower() for name, value in answers.items() if name != "license"]
    if os.geteuid() == 0:
        command = ["unshare", "--net", *command]
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    (tmp_path / "home").mkdir()
    (tmp_path / "output").mkdir()
    subprocess.run(command, cwd=tmp_path / "output", env=environment, check=True)
    assert contents(tmp_path / "output" / "color-palette") == contents(bake(**answers))


def test_the_generated_service_is_a_file_tree_with_no_git(bake: Bake):
    service = bake()
    assert not (service / ".git").exists()
    assert service.name == "color-palette"


def clone(tree: Path, directory: Path) -> Path:
    """Clones the files of a tree as on a machine that writes CRLF into its checkouts."""
    git = ["git", "-c", "user.name=Owner", "-c", "user.email=owner@example.com"]
    origin, target = directory / "origin", directory / "clone"
    unwanted = shutil.ignore_patterns(".git", ".helm", ".venv", "demo", "*cache*")
    shutil.copytree(tree, origin, symlinks=True, ignore=unwanted)
    subprocess.run([*git, "init", "--quiet"], cwd=origin, check=True)
    subprocess.run([*git, "add", "--all"], cwd=origin, check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "All"], cwd=origin, check=True)
    checkout = ["clone", "--quiet", "--config", "core.autocrlf=true", str(origin), str(target)]
    subprocess.run([*git, *checkout], check=True)
    return target


def with_carriage_returns(tree: Path) -> list[str]:
    """The text files of a tree that have CRLF."""
    files = [path for path in tree.rglob("*") if path.is_file() and ".git" not in path.parts]
    return [str(path) for path in files if path.suffix != ".png" and b"\r" in path.read_bytes()]


def test_a_checkout_that_wants_crlf_renders_a_service_with_lf(bake: Bake, tmp_path):
    template = clone(REPOSITORY, tmp_path)
    assert with_carriage_returns(template) == []
    for picture in (REPOSITORY / "docs").glob("*.png"):
        assert (template / "docs" / picture.name).read_bytes() == picture.read_bytes()
    (tmp_path / "output").mkdir()
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
    subprocess.run([*command, str(template)], cwd=tmp_path / "output", check=True)
    assert contents(tmp_path / "output" / "color-palette") == contents(bake())


def test_a_checkout_of_a_service_that_wants_crlf_has_lf(bake: Bake, tmp_path):
    assert with_carriage_returns(clone(bake(), tmp_path)) == []


@pytest.mark.parametrize("name", CHOICES["license"])
def test_the_license_is_the_one_that_was_chosen(bake: Bake, name):
    service = bake(license=name)
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (service / "LICENSE").read_text(encoding="utf-8")
    readme = (service / "README.md").read_text(encoding="utf-8")
    assert "The Color Palette Authors" in text
    assert [other for other, title in TITLES.items() if title.lower() in text.lower()[:300]] == [
        name
    ]
    if name == "Proprietary":
        assert "license" not in project
        assert "All rights reserved" in readme
    else:
        assert project["license"] == name
        assert f"{name} license" in readme
    assert not [other for other in TITLES if other != name and f"{other} license" in readme]
