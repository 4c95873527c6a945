"""Conditions: for which combinations of answers something holds.

A condition is an integer with a bit for each combination, so that `&`, `|` and `& ~` are "and",
"or" and "but not", and one condition implies another if `one & ~other` is zero. Product lines of
software know them as presence conditions.
"""

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from .template import Answers

Condition = int
NEVER: Condition = 0
ALWAYS: Condition = -1


class Space:
    """The combinations that conditions are about."""

    def __init__(self, combinations: list[Answers]) -> None:
        """Takes combinations, which all answer the same questions."""
        self.combinations = combinations
        self.always: Condition = (1 << len(combinations)) - 1
        self._where: dict[str, dict[Any, Condition]] = {}
        for question in combinations[0]:
            given = [combination[question] for combination in combinations]
            self._where[question] = {
                value: int("".join("01"[other == value] for other in reversed(given)), 2)
                for value in dict.fromkeys(given)
            }

    def where(self, **answers: Any) -> Condition:
        """The combinations that have all of these answers."""
        condition = self.always
        for question, value in answers.items():
            condition &= self._where[question].get(value, NEVER)
        return condition

    def assignments(
        self, questions: Iterable[str], within: Condition
    ) -> Iterator[tuple[Answers, Condition]]:
        """The answers that there are to some questions, and where they are given."""
        names = list(questions)
        for values in product(*(self._where[name] for name in names)):
            answers = dict(zip(names, values, strict=True))
            if condition := self.where(**answers) & within:
                yield answers, condition

    def split(self, condition: Condition) -> Iterator[Condition]:
        """The combinations of a condition, each as a condition of its own."""
        while condition:
            first = condition & -condition
            yield first
            condition ^= first

    def example(self, condition: Condition) -> Answers:
        """The first combination that a condition holds for; there has to be one."""
        return self.combinations[(condition & -condition).bit_length() - 1]


def covering(parts: Iterable[Condition]) -> list[Condition]:
    """Few combinations, so that each part has one of them.

    The parts that are met together are taken together as long as they have a combination in common.
    """
    left = sorted(set(parts) - {NEVER}, key=int.bit_count)
    chosen = []
    while left:
        common = left[0]
        for part in left:
            common = common & part or common
        combination = common & -common
        chosen.append(combination)
        left = [part for part in left if not part & combination]
    return chosen


def refined(parts: Iterable[Condition], splits: Iterable[Condition]) -> list[Condition]:
    """Splits parts so that each condition holds for all of a part or for nothing of it."""
    found = list(parts)
    for condition in splits:
        found = [
            piece for part in found for piece in (part & condition, part & ~condition) if piece
        ]
    return found
