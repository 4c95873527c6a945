"""CONTRIBUTING.md: who adds an option and forgets a part of it is told which one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.template import REPOSITORY, TEMPLATE

PIN = (
    f"<% if cookiecutter.greeting %>\nemoji==2.14.1 \\\n    --hash=sha256:{'0' * 64}\n<% endif %>\n"
)
# The parts of an option, in the order of the recipe: the file, a text of it, what stands before it.
OPTION = {
    "question": ("cookiecutter.json", '  "metrics": true', '  "greeting": true,\n'),
    "prompt": (
        "cookiecutter.json",
        '    "metrics": "',
        '    "greeting": "Greet who asks for it?",\n',
    ),
    "choice": (
        "hooks/pre_gen_project.py",
        '    "metrics": [True',
        '    "greeting": [True, False],\n',
    ),
    "row": (
        "README.md",
        "| `metrics` |",
        "| `greeting` | `true` | greets who asks for it |\n",
    ),
    "file": (f"{TEMPLATE.name}/src/chassis/greeting.py", "", '"""Greets."""\n'),
    "manifest": (
        "hooks/post_gen_project.py",
        '    "pool_metrics": [',
        '    "greeting": ["src/chassis/greeting.py"],\n',
    ),
    "condition": (
        "hooks/post_gen_project.py",
        '    "pool_metrics": ANSWERS',
        '    "greeting": ANSWERS["greeting"],\n',
    ),
    "lock": (f"{TEMPLATE.name}/requirements-dev.txt", "flask==", PIN),
    "runtime lock": (f"{TEMPLATE.name}/requirements.txt", "flask==", PIN),
    "package": (
        f"{TEMPLATE.name}/pyproject.toml",
        '    "flask>=',
        '<% if cookiecutter.greeting %>\n    "emoji>=2",\n<% endif %>\n',
    ),
    "full": ("presets/full.yaml", "  metrics:", "  greeting: true\n"),
    "minimal": ("presets/minimal.yaml", "  metrics:", "  greeting: false\n"),
    "words": ("tools/checker/words.py", '    "pool_metrics": [', '    "greeting": ["greet"],\n'),
    "page": (
        f"{TEMPLATE.name}/docs/operation.md",
        "## Stop",
        "<% if cookiecutter.greeting %>\n## Greetings\n\n<% endif %>\n",
    ),
    "changelog": ("CHANGELOG.md", "- Locked packages", "- The question `greeting`.\n"),
}
ASKED, COMPLETE = "tests/test_questions.py", "tests/test_options.py"
CHOSEN = "tests/test_answers.py::test_the_hook_knows_the_choices"
PRUNED = "tests/test_pruning.py"
PINNED = "tests/test_lock.py::test_each_declared_requirement_is_pinned_at_a_version_that_it_allows"
TESTED = "tests/test_service.py::test_every_value_occurs_in_a_service_that_is_tested"
# What is forgotten, the test that fails, and what it says.
FORGOTTEN = [
    (["prompt"], f"{ASKED}::test_every_question_is_put_in_words", "KeyError: 'greeting'"),
    (["choice"], CHOSEN, "greeting"),
    (["row"], f"{ASKED}::test_the_readme_lists_the_questions_in_their_order", "greeting"),
    (["file"], f"{PRUNED}::test_the_manifest_names_what_exists", "chassis/greeting.py"),
    (["manifest"], f"{PRUNED}::test_each_feature_of_the_manifest_has_its_condition", "greeting"),
    (["condition"], f"{PRUNED}::test_each_feature_of_the_manifest_has_its_condition", "greeting"),
    (
        ["manifest", "condition"],
        f"{COMPLETE}::test_an_option_has_files_in_the_manifest",
        "no feature in hooks/post_gen_project.py depends on greeting",
    ),
    (["lock", "runtime lock"], PINNED, "KeyError: 'emoji'"),
    (["full"], f"{ASKED}::test_a_preset_answers_every_choice_with_a_value_that_exists", "full"),
    (
        ["minimal"],
        f"{ASKED}::test_a_preset_answers_every_choice_with_a_value_that_exists",
        "minimal",
    ),
    (
        ["words"],
        f"{COMPLETE}::test_each_feature_has_the_words_that_may_not_be_left_without_it",
        "WORDS in tools/checker/words.py",
    ),
    (
        ["page"],
        f"{COMPLETE}::test_a_service_documents_its_features",
        "no page tells of greeting",
    ),
    (["changelog"], f"{COMPLETE}::test_the_changelog_tells_of_an_option", "[greeting]"),
    (["minimal", "full"], TESTED, "[greeting]"),
]


def add_option(directory: Path, forgotten: list[str]) -> Path:
    """Copies the template and adds an option, without some of its parts."""
    template = directory / "template"
    template.mkdir()
    for path in REPOSITORY.iterdir():
        if path.is_symlink() or path.is_file():
            shutil.copy(path, template, follow_symlinks=False)
        elif not path.name.startswith(".") and path.name != "demo":
            unwanted = shutil.ignore_patterns(".venv", "__pycache__")
            shutil.copytree(path, template / path.name, ignore=unwanted)
    for part, (name, place, text) in OPTION.items():
        if part not in forgotten:
            path = template / name
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            assert place in before, f"{name} has no {place!r} any more"
            path.write_text(before.replace(place, text + place, 1), encoding="utf-8")
    return template


def run(template: Path, *tests: str) -> tuple[int, str]:
    """Runs tests of a copied template; returns their status and what they printed."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    result = subprocess.run(
        [*command, *tests], cwd=template, capture_output=True, text=True, check=False
    )
    return result.returncode, result.stdout


def test_an_option_with_all_its_parts_passes(tmp_path):
    status, output = run(add_option(tmp_path, []), ASKED, CHOSEN, COMPLETE, PRUNED, PINNED, TESTED)
    assert status == 0, output
    assert "greeting" in (tmp_path / "template" / "cookiecutter.json").read_text()


@pytest.mark.parametrize(
    ("forgotten", "test", "message"), FORGOTTEN, ids=["+".join(parts) for parts, _, _ in FORGOTTEN]
)
def test_a_part_that_was_forgotten_is_named(tmp_path, forgotten, test, message):
    status, output = run(add_option(tmp_path, forgotten), test)
    assert status == 1, output
    assert message in output
