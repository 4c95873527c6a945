"""Pruning: the manifest of features names what is there, and the hook obeys it."""

import shutil
import subprocess
import sys

import pytest

from tools.combinations import DEFAULT, covering
from tools.template import REPOSITORY, TEMPLATE, answer, manifest, template_files

# The paths as they are named in the template.
NAMES = {
    "package_name": "<<cookiecutter.package_name>>",
    "resource_plural": "<<cookiecutter.resource_plural>>",
}
PATHS = [path for paths in manifest(NAMES | DEFAULT)[0].values() for path in paths]


@pytest.mark.parametrize("path", PATHS)
def test_the_manifest_names_what_exists(path):
    assert (TEMPLATE / path).exists()


def test_the_manifest_names_each_path_once():
    assert len(PATHS) == len(set(PATHS))
    assert not [(path, other) for path in PATHS for other in PATHS if path.startswith(f"{other}/")]


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
    (path,) = [name for name in template_files() if name.endswith("chassis/metrics.py")]
    renamed = template / TEMPLATE.name / path
    renamed.rename(renamed.with_name("measurements.py"))
    output = tmp_path / "output"
    output.mkdir()
    command = [sys.executable, "-m", "cookiecutter", "--no-input", "--default-config"]
    run = subprocess.run(
        [*command, str(template)], cwd=output, capture_output=True, text=True, check=False
    )
    assert run.returncode != 0
    assert "chassis/metrics.py, which the template does not have." in run.stderr
    assert list(output.iterdir()) == []
