"""The template's own pipelines: without faults, and with what the tests and the services have."""

import re

import pytest
import yaml

from tools.checker.pipelines import DEPENDABOT, WORKFLOWS, pipelines, repository_faults
from tools.template import REPOSITORY, TEMPLATE

from .test_service import PYTHONS

CI = f"{WORKFLOWS}ci.yaml"
# GitHub's runners have them.
PREINSTALLED = {"chromium", "chromium-driver"}


@pytest.fixture
def texts() -> dict[str, str]:
    """The files that pipelines have to do with."""
    paths = [*REPOSITORY.glob("*"), *(REPOSITORY / ".github").rglob("*"), *REPOSITORY.glob(".ci/*")]
    return {
        path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if path.is_file()
    }


def actions(text: str) -> dict[str, str]:
    """The commit of each action that a workflow uses."""
    return dict(re.findall(r"uses: ([\w./-]+)@(.+)", text))


def packages(text: str) -> set[str]:
    """The Debian packages that a script installs."""
    found = re.findall(r"(?:--no-install-recommends|\|\| install) ([a-z][\w. -]+)", text)
    return {name for names in found for name in names.split()}


def test_the_pipelines_have_no_faults(texts, tmp_path):
    assert set(pipelines(texts)) == {CI, DEPENDABOT}
    assert list(repository_faults(texts, tmp_path)) == []


def test_a_fault_in_them_is_found(texts, tmp_path):
    texts[CI] = texts[CI].replace("make test-image", "make test-images")
    assert list(repository_faults(texts, tmp_path)) == [
        f"{CI}: images: makes test-images, which the Makefile does not have"
    ]


def test_they_run_what_the_readme_and_contributing_tell(texts):
    made = re.findall(r"run: make (.+)", texts[CI])
    weekly = ["drift", "matrix-all", "pythons", "test-all"]
    assert sorted(made) == sorted(["lint", "test", "test-image", *weekly])


def test_the_report_on_newest_versions_is_in_the_summary(texts):
    job = yaml.safe_load(texts[CI])["jobs"]["drift"]
    assert job["permissions"] == {"contents": "read"}
    assert "schedule" in job["if"]
    assert '--output-file "$(or $(GITHUB_STEP_SUMMARY),drift.md)"' in texts["Makefile"]
    assert "/drift.md" in texts[".gitignore"].splitlines()


def test_they_install_what_the_tests_need(texts):
    assert packages(texts[CI]) | PREINSTALLED == packages(texts[".ci/run"])


def test_they_have_the_pythons_that_services_support(texts):
    steps = yaml.safe_load(texts[CI])["jobs"]["test"]["steps"]
    (given,) = [step["with"]["python-version"] for step in steps if "setup-python" in str(step)]
    assert sorted(given.split()) == PYTHONS


def test_they_check_the_default_branch_whichever_of_both_names_it_has(bake):
    service = (bake() / CI).read_text(encoding="utf-8")
    for text in ((REPOSITORY / CI).read_text(encoding="utf-8"), service):
        # YAML reads the key `on` as true.
        assert yaml.safe_load(text)[True]["push"]["branches"] == ["main", "master"]
    gitlab = yaml.safe_load((bake(ci="gitlab") / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    assert {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"} in gitlab["workflow"]["rules"]


def test_the_services_use_the_same_actions(texts):
    used = actions(texts[CI])
    for path in sorted((TEMPLATE / WORKFLOWS).iterdir()):
        for action, commit in actions(path.read_text(encoding="utf-8")).items():
            assert used.get(action, commit) == commit, f"{path.name} has another {action}"
    assert used
