"""The matrix: no combination of answers has a fault that the checker can find."""

import random
import re
import runpy
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path

import pytest

from tools import checker, matrix
from tools.checker import memory
from tools.checker.family import Family
from tools.checker.file import Fault
from tools.checker.origins import of_template
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
from tools.conditions import Space
from tools.template import REPOSITORY, conflicts, written_by_hook

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
# Other services each time that something changes, and the same where a failure is looked at.
RANDOM = random.Random(memory.state()).sample(every(), 60)
# Types take as long as all else together, and the proof has seen each module with all that it imports.
WITH_TYPES = [DEFAULT, MINIMAL, *RANDOM[:3], *NAMES]
# The looks of the kinds that look at programs are shared out.
SHARES = 12


@pytest.fixture(scope="session")
def family(environment: Path) -> Family:
    """All services."""
    return of_template(Space(every()), environment)


@pytest.fixture(scope="session")
def looks(family: Family) -> list[matrix.Look]:
    """All that has to be looked at."""
    return matrix.looks(family)


@pytest.mark.parametrize("kind", checker.OF_FAMILIES)
def test_no_condition_is_broken(family: Family, kind) -> None:
    found = matrix.faults(family, matrix.Look(kind))
    assert list(matrix.report(family.space, found)) == []


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("kind", checker.OF_PROGRAMS)
def test_no_program_has_a_fault(family: Family, looks: list[matrix.Look], kind, share) -> None:
    mine = [look for look in looks if look.kind == kind and look.combination][share::SHARES]
    found = [fault for look in mine for fault in matrix.faults(family, look)]
    assert list(matrix.report(family.space, found)) == []


@pytest.mark.parametrize("answers", [DEFAULT, MINIMAL, *RANDOM, *NAMES], ids=describe)
def test_a_service_has_no_faults(bake: Bake, environment, answers):
    kinds = [kind for kind in checker.KINDS if kind != "types" or answers in WITH_TYPES]
    assert list(checker.faults(bake(**answers), answers, environment, kinds)) == []


@pytest.mark.parametrize("answers", [DEFAULT, MINIMAL, *RANDOM], ids=describe)
def test_a_service_is_as_the_matrix_thinks_it_is(bake: Bake, family: Family, answers) -> None:
    root = bake(**answers)
    combination = family.space.where(**answers)
    assert {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*")
        if path.is_file() and path != root / written_by_hook()
    } == {
        path: file.text(combination)
        for path, file in family.files.items()
        if file.condition & combination
    }


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


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch, capsys, family: Family) -> Run:
    """Runs the command where looks find some faults, and returns its status and what it printed."""

    def run(found: dict[str, list[Fault]]) -> tuple[int, str]:
        monkeypatch.setattr(matrix, "packages", lambda: family.environment)
        monkeypatch.setattr(matrix, "of_template", lambda *_: family)
        looks = [
            matrix.Look("words"),
            matrix.Look("chart", 1),
            matrix.Look("chart", 2),
        ]
        monkeypatch.setattr(matrix, "looks", lambda _: looks)
        monkeypatch.setattr(matrix, "faults", lambda _, look: found.get(look.kind, []))
        monkeypatch.setattr("sys.argv", ["matrix"])
        with pytest.raises(SystemExit) as exit_:
            matrix.main()
        return exit_.value.code, re.sub(r"\d+ min \d+ s", "TIME", capsys.readouterr().out)

    return run


def test_the_matrix_tells_each_fault_and_for_which_answers(run: Run, family: Family) -> None:
    fault = Fault("app.py:1: is wrong", family.space.where(metrics=False, helm=True))
    status, output = run({"words": [fault]})
    assert status == 1
    more = fault.condition.bit_count() - 1
    assert f"app.py:1: is wrong\n    with metrics=false and {more} more\n" in output
    assert output.endswith(": 1 faults, TIME.\n")


def test_the_matrix_tells_what_it_has_looked_at(run: Run, family: Family) -> None:
    status, output = run({})
    assert status == 0
    assert output.endswith(
        f"{len(every())} combinations of answers, by {len(family.files)} files in "
        f"{sum(len(segment) for file in family.files.values() for segment in file.segments)} parts, "
        f"{len(family.modules)} texts of modules, as many programs: chart 2, and no whole services: no faults, TIME.\n"
    )


def test_what_was_clean_is_looked_at_again_when_what_looks_has_changed(
    tmp_path, monkeypatch
) -> None:
    looked = []

    def find() -> list[str]:
        looked.append(memory.state())
        return []

    for state in ("one", "one", "other"):
        monkeypatch.setattr(memory, "state", lambda state=state: state)
        assert list(memory.unless_clean(tmp_path, ("key",), find)) == []
    assert looked == ["one", "other"]
