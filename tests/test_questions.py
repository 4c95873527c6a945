"""The questions: well formed, explained, and documented as they are."""

import json
import re

import pytest
import yaml

from tools.template import QUESTIONS, REPOSITORY, TEMPLATE

ASKED = [name for name in QUESTIONS if not name.startswith("_")]
DERIVED = [name for name in QUESTIONS if name.startswith("__") and name != "__prompts__"]
DELIMITERS = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
    "trim_blocks": True,
    "lstrip_blocks": True,
}
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)


def table():
    """The rows of the README's table of questions."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Questions")[2].partition("\n## ")[0]
    return {name: (default, meaning) for name, default, meaning in ROW.findall(section)}


def test_the_delimiters_leave_braces_alone():
    assert QUESTIONS["_jinja2_env_vars"] == {**DELIMITERS, "optimized": False}
    assert TEMPLATE.is_dir()


def test_cruft_finds_the_template_by_its_braces():
    link = REPOSITORY / "{{cookiecutter.project_slug}}"
    assert link.is_symlink()
    assert link.resolve() == TEMPLATE


@pytest.mark.parametrize("question", ASKED)
def test_every_question_is_put_in_words(question):
    prompt = QUESTIONS["__prompts__"][question]
    if isinstance(QUESTIONS[question], list):
        assert list(prompt) == ["__prompt__", *QUESTIONS[question]]
        assert all(prompt.values())
    else:
        assert isinstance(prompt, str)
        assert prompt


def test_nothing_is_put_in_words_that_is_not_asked():
    assert set(QUESTIONS["__prompts__"]) == set(ASKED)


def test_yes_and_no_are_booleans():
    answers = json.dumps(QUESTIONS).lower()
    assert not re.search(r'"(y|n|yes|no|true|false|on|off)"', answers)


@pytest.mark.parametrize("name", DERIVED)
def test_every_derived_value_is_used(name):
    files = [*(REPOSITORY / "hooks").iterdir(), *TEMPLATE.rglob("*")]
    text = "".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    assert name in text


def test_the_readme_lists_the_questions_in_their_order():
    assert list(table()) == ASKED


@pytest.mark.parametrize("question", ASKED)
def test_the_readme_tells_default_and_choices(question):
    default, meaning = table()[question]
    asked = QUESTIONS[question]
    if isinstance(asked, list):
        assert default == f"`{asked[0]}`"
        assert re.findall(r"`([^`]+)`", meaning) == asked
    elif isinstance(asked, bool):
        assert default == f"`{asked}`".lower()
    elif "<<" in asked or "<%" in asked:
        assert default.startswith("from the ")
    else:
        assert default == f"`{asked}`"


@pytest.mark.parametrize("preset", sorted((REPOSITORY / "presets").iterdir()), ids=lambda p: p.stem)
def test_a_preset_answers_every_choice_with_a_value_that_exists(preset):
    answers = yaml.safe_load(preset.read_text(encoding="utf-8"))["default_context"]
    features = [
        name for name in ASKED if isinstance(QUESTIONS[name], list | bool) and name != "license"
    ]
    assert list(answers) == ["__answers_begin", *features, "__answers_end"]
    assert answers["__answers_begin"] == answers["__answers_end"] != ""
    for name in features:
        answer, choices = answers[name], QUESTIONS[name]
        assert answer in choices if isinstance(choices, list) else isinstance(answer, bool)
