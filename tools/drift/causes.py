"""Finds since which version of which package something fails."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from packaging.version import Version

from .bisection import culprits, first
from .mixes import Upgrade, between

LOCKED_TOO = "fails on the locked versions as well"
NOT_AGAIN = "did not fail again"
LOCKED_UNKNOWN = "cannot be compared: the locked versions cannot be installed any more"
NO_TIME = "was not searched: the time was over"

# Whether it fails with some packages upgraded, a few of them to versions within other bounds than
# the newest one; None if these versions do not go together.
Fails = Callable[[Sequence[Upgrade], Mapping[Upgrade, str]], bool | None]


class TimeIsOver(Exception):  # noqa: N818 - not an error
    """There is no time for another run."""


class Since(NamedTuple):
    """The first version of a package that fails, and the packages that are upgraded with it."""

    upgrade: Upgrade
    version: str
    followers: tuple[Upgrade, ...]


class Verdict(NamedTuple):
    """The causes, each alone enough and each of packages that fail only together; or a remark."""

    causes: list[list[Since]]
    remark: str = ""


def search(
    groups: list[tuple[Upgrade, ...]], fails: Fails, releases: Callable[[str], list[str]]
) -> Verdict:
    """Finds out why something fails on the newest versions.

    Args:
        groups: all upgrades, those together that cannot be apart.
        fails: runs it.
        releases: gives the releases of a package, oldest first.

    Raises:
        UnreachableError: the index could not be asked.
    """
    try:
        match fails([], {}):
            case True:
                return Verdict([], LOCKED_TOO)
            case None:
                return Verdict([], LOCKED_UNKNOWN)
        if not fails(flat(groups), {}):
            return Verdict([], NOT_AGAIN)
        guilty = culprits(groups, lambda some: fails(flat(some), {}))
        return Verdict([[since(group, some, fails, releases) for group in some] for some in guilty])
    except TimeIsOver:
        return Verdict([], NO_TIME)


def since(
    group: tuple[Upgrade, ...],
    guilty: Sequence[tuple[Upgrade, ...]],
    fails: Fails,
    releases: Callable[[str], list[str]],
) -> Since:
    """Finds the first bad version of a group's first package; the others of the set follow it."""
    leader, *followers = group
    every = flat(guilty)
    free = {upgrade: between(upgrade) for upgrade in every}
    version = first(
        candidates(leader, releases),
        lambda release: fails(every, {**free, leader: f"=={release}"}),
    )
    return Since(leader, version, tuple(followers))


def candidates(upgrade: Upgrade, releases: Callable[[str], list[str]]) -> list[str]:
    """Gives the releases after the locked one up to the newest, or down to it."""
    old, new = (Version(versions[-1]) for versions in upgrade.change[1:])
    low, high = sorted((old, new))
    found = [release for release in releases(upgrade.name) if low <= Version(release) <= high]
    found = [release for release in found if Version(release) not in (old, new)]
    return [*(found if old < new else reversed(found)), upgrade.change.new[-1]]


def flat(groups: Sequence[tuple[Upgrade, ...]]) -> list[Upgrade]:
    """Gives the upgrades of groups."""
    return [upgrade for group in groups for upgrade in group]
