"""Pruning: the manifest of features names what is there, and the hook obeys it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cookiecutter.main import cookiecutter

from tools.combinations import covering, presets
from tools.template import (
    REPOSITORY,
    TEMPLATE,
    answer,
    manifest,
    manifest_paths,
    template_files,
)

from .conftest import Bake

# The paths as they are named in the template.
NAMES = {
    "package_name": "<<cookiecutter.package_name>>",
    "resource_plural": "<<cookiecutter.resource_plural>>",
}
PATHS = [path for paths in manifest_paths().values() for path in paths]
PACKAGE, PLURAL = NAMES.values()
# The directories of every service: a file may be there for all of them. All others are there for features.
EVERY_SERVICE = {
    ".",
    "config",
    "docs",
    f"src/{PACKAGE}",
    f"src/{PACKAGE}/{PLURAL}",
    "src/chassis",
    "src/chassis/contract",
    "src/chassis/logs",
    "src/chassis/resources",
    "src/chassis/server",
    "src/chassis/settings",
    "src/chassis/tracing",
    "tests",
    "tests/chassis",
    "tests/chassis/domain",
    "tests/chassis/fixtures",
    "tests/chassis/integration",
    "tests/chassis/unit",
    "tests/contract",
    f"tests/{PLURAL}",
    "tools",
    "tools/contract",
    "tools/gate",
    "tools/resource",
    "tools/resource/templates",
}


@pytest.mark.parametrize("path", PATHS)
def test_the_manifest_names_what_exists(path):
    assert (TEMPLATE / path).is_file()


def test_the_manifest_names_each_path_once():
    assert len(PATHS) == len(set(PATHS))


def test_the_manifest_names_each_file_of_the_directories_of_features():
    others = [path for path in template_files() if str(Path(path).parent) not in EVERY_SERVICE]
    assert set(others) - set(PATHS) == set()


def test_each_feature_of_the_manifest_has_its_condition():
    features, selected = manifest(answer())
    assert list(features) == list(selected)


def test_each_feature_can_be_selected_or_not():
    chosen = [manifest(answer(**answers))[1] for answers in covering()]
    for feature in manifest(answer())[0]:
        assert {selected[feature] for selected in chosen} == {True, False}


def test_a_path_that_was_renamed_stops_the_generation(tmp_path):
    template = tmp_path / "template"
    for name in (TEMPLATE.name, "hooks"):
        shutil.copytree(REPOSITORY / name, template / name)
    shutil.copy(REPOSITORY / "cookiecutter.json", template)
    (path,) = [name for name in template_files() if name.endswith("chassis/metrics/requests.py")]
    renamed = template / TEMPLATE.name / path
    renamed.rename(renamed.with_name("measurements.py"))
    output = tmp_path / "output"
    output.mkdir()
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
    run = subprocess.run(
        [*command, str(template)], cwd=output, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "chassis/metrics/requests.py, which the template does not have." in run.stderr
    assert list(output.iterdir()) == []


@pytest.mark.parametrize("name", presets())
def test_a_generation_over_a_service_removes_only_files_of_the_template(bake: Bake, tmp_path, name):
    answers = presets()[name]
    service = tmp_path / "color-palette"
    shutil.copytree(bake(), service, symlinks=True)
    directories = [service, *(path for path in service.rglob("*") if path.is_dir())]
    ours = {directory / "ours.json" for directory in directories}
    for path in ours:
        path.touch()
    cookiecutter(
        str(REPOSITORY),
        no_input=True,
        default_config=True,
        overwrite_if_exists=True,
        output_dir=str(tmp_path),
        extra_context=answers,
    )
    assert {path for path in ours if not path.exists()} == set()
    for path in ours:
        path.unlink()
    assert files(service) == files(bake(**answers))


def files(service: Path) -> set[str]:
    """The paths of the files of a service."""
    return {str(path.relative_to(service)) for path in service.rglob("*") if path.is_file()}
