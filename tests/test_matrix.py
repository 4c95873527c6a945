"""The matrix: no combination of answers has a fault that the checker can find."""

import re
import runpy
from itertools import combinations, product

import pytest

from tools import checker, matrix
from tools.combinations import (
    CHOICES,
    DEFAULT,
    covering,
    describe,
    every,
    neighbours,
    pairs,
    presets,
)
from tools.template import REPOSITORY, conflicts

from .conftest import Bake

MINIMAL = presets()["minimal"]
LONGEST = {
    "project_slug": "color-palette-of-the-painting-department",
    "resource": "electrocardiographer",
    "resource_plural": "electrocardiographically",
}
# Names that make lines short or long, or sort imports otherwise.
NAMES = [
    {"project_slug": "ab", "resource": "ox", "resource_plural": "oxen"},
    {"project_slug": "zoo", "resource": "zebra"},
    {"resource": "account"},
    {"resource": "sheep", "resource_plural": "sheep"},
    {"resource": "order_line"},
    *(LONGEST | {"database": database} for database in CHOICES["database"]),
    LONGEST | MINIMAL,
]


@pytest.mark.parametrize("answers", [*covering(), *NAMES], ids=describe)
def test_a_service_has_no_faults(bake: Bake, environment, answers):
    assert list(checker.faults(bake(**answers), answers, environment)) == []


def test_the_longest_names_are_the_longest_that_are_accepted():
    hook = runpy.run_path(str(REPOSITORY / "hooks" / "pre_gen_project.py"))
    for question, name in LONGEST.items():
        assert hook["find_problem"](name, hook["QUESTIONS"][question]) is None
        assert hook["find_problem"](f"{name}a", hook["QUESTIONS"][question])


@pytest.mark.parametrize(("one", "other"), list(combinations(CHOICES, 2)))
def test_any_two_values_meet(one, other):
    met = {(answers[one], answers[other]) for answers in covering()}
    assert met == {(answers[one], answers[other]) for answers in every()}


def test_every_answer_of_the_default_and_of_each_preset_is_changed_alone():
    for start in (DEFAULT, *presets().values()):
        assert start in covering()
        for answers in neighbours(start):
            assert answers in covering()


@pytest.mark.parametrize("answers", conflicts(), ids=str)
def test_what_does_not_go_together_is_in_no_combination(answers):
    assert set(answers) <= set(CHOICES)
    for combinations_ in (every(), pairs(), covering(), neighbours(DEFAULT | flipped(answers))):
        assert combinations_
        assert not [
            combination for combination in combinations_ if combination.items() >= answers.items()
        ]


def flipped(conflict):
    """The conflict, but for its last answer."""
    *others, last = conflict
    return {name: conflict[name] for name in others} | {last: not conflict[last]}


def test_all_that_the_hook_accepts_is_a_combination():
    hook = runpy.run_path(str(REPOSITORY / "hooks" / "pre_gen_project.py"))
    answers = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
    assert every() == [
        combination for combination in answers if hook["find_conflict"](combination) is None
    ]


def find_faults(answers, packages):
    """Stands in for the check of one combination: without metrics there is something wrong."""
    return [] if answers["metrics"] else ["app.py:1: is wrong"]


def find_none(answers, packages):
    """Stands in for the check of one combination, which is clean."""
    return []


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs the command for two combinations and returns its status and what it printed."""
    monkeypatch.setattr(matrix, "MEMORY", tmp_path)
    monkeypatch.setattr(matrix, "CLEAN", tmp_path / "clean.txt")
    monkeypatch.setattr(matrix, "every", lambda: [DEFAULT, MINIMAL])
    monkeypatch.setattr(matrix.environment, "provide", lambda directory: directory)
    monkeypatch.setattr(matrix, "PACKAGES", tmp_path / "packages")

    def run(check, *arguments):
        monkeypatch.setattr(matrix, "check", check)
        monkeypatch.setattr("sys.argv", ["matrix", *arguments])
        with pytest.raises(SystemExit) as exit_:
            matrix.main()
        return exit_.value.code, re.sub(r"in \d+ min \d+ s", "", capsys.readouterr().out)

    return run


def test_the_matrix_tells_each_fault_and_where_it_was_found(run):
    status, output = run(find_faults)
    assert status == 1
    assert f"app.py:1: is wrong\n    with {describe(MINIMAL)}\n" in output
    assert "2 combinations: 1 clean, 1 with faults; 2 checked , 0 before." in output


def test_the_matrix_goes_on_where_it_was(run):
    assert run(find_faults)[0] == 1
    status, output = run(find_none)
    assert status == 0
    assert "2 combinations: 2 clean, 0 with faults; 1 checked , 1 before." in output
    assert "; 0 checked , 2 before." in run(find_none)[1]
    assert "; 2 checked , 0 before." in run(find_none, "--again")[1]


def test_the_matrix_begins_anew_when_the_template_changes(run, monkeypatch):
    assert run(find_none)[0] == 0
    monkeypatch.setattr(matrix, "state", lambda: "another")
    assert "; 2 checked , 0 before." in run(find_none)[1]


def test_a_combination_that_cannot_be_rendered_is_a_fault(tmp_path):
    (fault,) = matrix.check({"package_name": "json"}, tmp_path)
    assert fault.startswith("could not be rendered or checked: FailedHookException")
