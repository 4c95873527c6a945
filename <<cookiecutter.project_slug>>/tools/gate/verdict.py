"""What follows from the changes: which are accepted, and which are not."""

from collections.abc import Collection
from typing import NamedTuple

from .accepted import ANSWERED_OTHERWISE, Acceptance
from .changes import Change


class Verdict(NamedTuple):
    """The changes since the last release."""

    breaks: list[Change]
    accepted: list[tuple[Change, Acceptance]]
    others: list[Change]
    unused: list[Acceptance]
    """Acceptances of what does not break, or no longer."""
    left_out: set[str]
    """The operations that clients may no longer rely on: with accepted breaks, or removed after a notice."""

    @property
    def is_good(self) -> bool:
        """Whether nobody has to do anything."""
        return not self.breaks and not self.unused


def judge(
    changes: list[Change], acceptances: list[Acceptance], operations: Collection[str]
) -> Verdict:
    """Sorts changes by what is accepted.

    Args:
        changes: those since the last release.
        acceptances: what is accepted.
        operations: the names of the released operations.
    """
    verdict = Verdict([], [], [], [], set())
    for change in changes:
        taking = next((one for one in acceptances if one.takes(change)), None)
        if taking:
            verdict.accepted.append((change, taking))
        elif change.is_breaking:
            verdict.breaks.append(change)
        else:
            verdict.others.append(change)
        if taking or change.rule.endswith("-removed-with-deprecation"):
            verdict.left_out.add(change.operation)
    for acceptance in acceptances:
        name = acceptance.operation if acceptance.rule == ANSWERED_OTHERWISE else None
        if name and name in operations:
            verdict.left_out.add(name)
        elif not any(map(acceptance.takes, changes)):
            verdict.unused.append(acceptance)
    return verdict


def markdown(verdict: Verdict) -> str:
    """Returns the changes as they can stand in a changelog; empty if there are none."""
    breaking = [f"- {change}" for change in verdict.breaks]
    breaking += [f"- {change}. Accepted: {by.reason}" for change, by in verdict.accepted]
    sections = {
        "Breaking changes": breaking,
        "Other changes": [f"- {change}" for change in verdict.others],
    }
    return "\n\n".join(
        "\n".join([f"### {title}", "", *lines]) for title, lines in sections.items() if lines
    )
