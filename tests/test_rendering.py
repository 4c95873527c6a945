"""Rendering: the same answers give the same files, and every combination is born clean."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from .combinations import ALL, describe
from .conftest import REPOSITORY, Bake, render
from .test_pruning import files

LONGEST = {
    "project_slug": "abcdefghijklmnopqrstuvwxyzabcdefghijklmn",
    "resource": "abcdefghijklmnopqrst",
    "resource_plural": "abcdefghijklmnopqrstuvwx",
}
# Names that make lines short or long, or sort imports otherwise.
NAMES = [
    {"project_slug": "ab", "resource": "ox", "resource_plural": "oxen"},
    {"project_slug": "zoo", "resource": "zebra"},
    {"resource": "account"},
    {"resource": "sheep", "resource_plural": "sheep"},
    {"resource": "order_line"},
    LONGEST,
    {**LONGEST, "database": "none", "metrics": False},
    {**LONGEST, "database": "sqlite"},
]
LICENSES = ["MIT", "BSD-3-Clause", "Apache-2.0", "Proprietary"]


def contents(service: Path) -> dict[str, bytes]:
    return {path: (service / path).read_bytes() for path in files(service)}


def test_the_same_answers_give_the_same_bytes(bake: Bake, tmp_path):
    assert contents(render(tmp_path / "again", **ALL[0])) == contents(bake(**ALL[0]))


def test_the_command_works_without_network_git_or_home(bake: Bake, tmp_path):
    command = [sys.executable, "-m", "cookiecutter", "--no-input", str(REPOSITORY)]
    if os.geteuid() == 0:
        command = ["unshare", "--net", *command]
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
    (tmp_path / "home").mkdir()
    (tmp_path / "output").mkdir()
    subprocess.run(command, cwd=tmp_path / "output", env=environment, check=True)
    assert contents(tmp_path / "output" / "color-palette") == contents(bake())


def test_the_generated_service_is_a_file_tree_with_no_git(bake: Bake):
    service = bake()
    assert not (service / ".git").exists()
    assert service.name == "color-palette"


def check(service: Path, *command: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", *command], cwd=service, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("answers", [*ALL, *NAMES], ids=describe)
def test_the_code_is_in_style_and_formatted(bake: Bake, answers):
    service = bake(**answers)
    check(service, "ruff", "check", "--no-cache", ".")
    check(service, "ruff", "format", "--no-cache", "--check", ".")


@pytest.mark.parametrize("answers", [*ALL, *NAMES], ids=describe)
def test_the_files_can_be_parsed(bake: Bake, answers):
    service = bake(**answers)
    for path in map(Path, files(service)):
        text = (service / path).read_text(encoding="utf-8")
        match path.suffix:
            case ".toml":
                tomllib.loads(text)
            case ".yaml" | ".yml":
                assert yaml.safe_load(text)
            case ".json":
                json.loads(text)
        assert text == "" or text.endswith("\n"), path
        assert not text.endswith("\n\n"), path
        assert not [line for line in text.splitlines() if line != line.rstrip()], path


@pytest.mark.parametrize("name", LICENSES)
def test_the_license_is_the_one_that_was_chosen(bake: Bake, name):
    service = bake(license=name)
    project = tomllib.loads((service / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (service / "LICENSE").read_text(encoding="utf-8")
    readme = (service / "README.md").read_text(encoding="utf-8")
    assert "The Color Palette Authors" in text
    if name == "Proprietary":
        assert "license" not in project
        assert "All rights reserved" in text
        assert "All rights reserved" in readme
    else:
        assert project["license"] == name
        assert f"{name} license" in readme
        titles = {
            "MIT": "MIT License",
            "Apache-2.0": "Apache License",
            "BSD-3-Clause": "BSD 3-Clause",
        }
        assert titles[name] in text
