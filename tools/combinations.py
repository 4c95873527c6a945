"""The combinations of answers that go together: all of them, and those that stand for all."""

from collections.abc import Iterable
from functools import cache
from itertools import product
from typing import Any

from covertable import make

from . import documents
from .template import QUESTIONS, REPOSITORY, Answers, conflicts

# Names and texts are free; everything else is chosen from a few values.
CHOICES: dict[str, list[Any]] = {
    name: [True, False] if isinstance(values, bool) else values
    for name, values in QUESTIONS.items()
    if isinstance(values, bool | list) and not name.startswith("_")
}
DEFAULT: Answers = {
    name: values if isinstance(values, bool) else values[0]
    for name, values in QUESTIONS.items()
    if name in CHOICES
}


def go_together(answers: Answers) -> bool:
    """Whether a service can be made with some answers to all of these questions."""
    return not any(answers.items() >= conflict.items() for conflict in conflicts())


@cache
def every() -> list[Answers]:
    """Every combination."""
    combinations = (
        dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())
    )
    return [combination for combination in combinations if go_together(combination)]


def pairs() -> list[Answers]:
    """Few combinations in which any two values of any two questions meet, if they can."""
    return meeting(2)


def triples() -> list[Answers]:
    """Few combinations in which any three values of any three questions meet, if they can."""
    return meeting(3)


def meeting(strength: int) -> list[Answers]:
    """Few combinations in which any values of so many questions meet."""
    constraints = [
        {
            "operator": "or",
            "conditions": [
                {"operator": "ne", "left": name, "value": value} for name, value in conflict.items()
            ],
        }
        for conflict in conflicts()
    ]
    found = make(CHOICES, strength=strength, constraints=constraints)
    return [{name: row[name] for name in CHOICES} for row in found]


def presets() -> dict[str, Answers]:
    """The answers of each file in presets/, completed by the defaults."""
    found = {}
    for path in sorted((REPOSITORY / "presets").iterdir()):
        answers = documents.load(path.read_text(encoding="utf-8"))["default_context"]
        found[path.stem] = DEFAULT | {name: answers[name] for name in answers if name in DEFAULT}
    return found


def neighbours(answers: Answers) -> list[Answers]:
    """Those that differ in one answer."""
    return [
        answers | {name: value}
        for name, values in CHOICES.items()
        for value in values
        if value != answers[name] and go_together(answers | {name: value})
    ]


@cache
def covering() -> list[Answers]:
    """All pairs, and each single change of the default answers and of each preset."""
    starts = [DEFAULT, *presets().values()]
    return unique(
        [*starts, *pairs(), *(neighbour for start in starts for neighbour in neighbours(start))]
    )


def unique(combinations: Iterable[Answers]) -> list[Answers]:
    """Leaves out what was there before."""
    found: list[Answers] = []
    for combination in combinations:
        if combination not in found:
            found.append(combination)
    return found


def describe(answers: Answers) -> str:
    """A short name of a combination: what differs from the default."""
    differing = {name: value for name, value in answers.items() if DEFAULT.get(name) != value}
    return ",".join(f"{name}={value}".lower() for name, value in differing.items()) or "default"
