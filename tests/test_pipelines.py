"""The template's own pipeline: as good as those that it generates."""

import re

import pytest
import yaml

from tools.checker.pipelines import PINNED, find
from tools.template import REPOSITORY, TEMPLATE

FILES = [".github/workflows/ci.yaml", ".github/dependabot.yml", "Makefile", "pyproject.toml"]
TEXTS = {name: (REPOSITORY / name).read_text(encoding="utf-8") for name in FILES}


def test_the_pipeline_is_valid_and_pinned_and_has_few_rights():
    assert list(find(REPOSITORY, TEXTS)) == []


def test_a_service_uses_the_same_versions_of_actions():
    own = set(re.findall(PINNED, TEXTS[FILES[0]]))
    for path in (TEMPLATE / ".github" / "workflows").iterdir():
        theirs = dict(pin.split("@") for pin in re.findall(PINNED, path.read_text("utf-8")))
        for action, version in (pin.split("@") for pin in own):
            assert theirs.get(action, version) == version


@pytest.mark.parametrize("script", [".ci/run"])
def test_the_pipeline_runs_what_is_there(script):
    steps = yaml.safe_load(TEXTS[FILES[0]])["jobs"]["test"]["steps"]
    assert script in [step.get("run") for step in steps]
    assert (REPOSITORY / script).stat().st_mode & 0o111
