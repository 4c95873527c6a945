"""Options: each question that is a choice has all that belongs to it."""

import re
from functools import cache

import pytest

from tools.checker.words import WORDS
from tools.combinations import CHOICES, covering
from tools.template import REPOSITORY, Answers, answer, manifest

from .conftest import Bake

FEATURES = list(manifest(answer())[0])
# It decides texts that every service has.
WITHOUT_FILES = {"license"}


@cache
def selections() -> list[tuple[Answers, dict[str, bool]]]:
    """Answers, and the features that they select."""
    return [(answers, manifest(answer(**answers))[1]) for answers in covering()]


def with_feature(feature: str) -> Answers:
    """The first answers that select a feature."""
    return next(answers for answers, selected in selections() if selected[feature])


def find_words(texts: str, feature: str) -> set[str]:
    """The words of a feature that texts have."""
    return {word for word in WORDS[feature] if word.lower() in texts.lower()}


@pytest.mark.parametrize("question", CHOICES)
def test_an_option_has_files_in_the_manifest(question):
    if question not in WITHOUT_FILES:
        selections = [manifest(answer(**{question: value}))[1] for value in CHOICES[question]]
        assert any(selection != selections[0] for selection in selections), (
            f"no feature in hooks/post_gen_project.py depends on {question}"
        )


def test_each_feature_has_the_words_that_may_not_be_left_without_it():
    assert list(WORDS) == FEATURES, "WORDS in tools/checker/words.py has other features"


@pytest.mark.parametrize("feature", FEATURES)
def test_a_service_with_a_feature_says_each_of_its_words(bake: Bake, feature):
    service = bake(**with_feature(feature))
    texts = [path.read_text(encoding="utf-8") for path in service.rglob("*") if path.is_file()]
    assert find_words("\n".join(texts), feature) == set(WORDS.get(feature, []))


@pytest.mark.parametrize("feature", FEATURES)
def test_a_service_documents_its_features(bake: Bake, feature):
    service = bake(**with_feature(feature))
    pages = [service / "README.md", *(service / "docs").glob("*.md")]
    texts = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    assert not WORDS.get(feature) or find_words(texts, feature), f"no page tells of {feature}"


@pytest.mark.parametrize("question", CHOICES)
def test_the_changelog_tells_of_an_option(question):
    assert re.search(rf"`{question}`", (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"))
