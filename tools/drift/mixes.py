"""Mixes of locked and newest versions, as constraints that a resolver keeps."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ..versions import Change, Versions, changes


class Upgrade(NamedTuple):
    """A change of a package, and whose package it is: that of the `tools` or of the `services`."""

    owner: str
    change: Change

    @property
    def name(self) -> str:
        """The package."""
        return self.change.name


class Mix(NamedTuple):
    """Constraints, a line for each package."""

    tools: str
    services: str


class Locks(NamedTuple):
    """The versions in the locks of the template's tools and of services."""

    tools: Versions
    services: Versions


def upgrades(old: Locks, new: Locks) -> list[Upgrade]:
    """Gives what another set of locks changes.

    Packages that are added or removed are left out: they follow from the versions of others.
    """
    found = []
    for owner in Locks._fields:
        for change in changes(getattr(old, owner), getattr(new, owner)):
            if change.old and change.new:
                found.append(Upgrade(owner, change))
    return found


def mix(
    old: Locks, new: Locks, upgraded: Collection[Upgrade], bounds: Mapping[Upgrade, str]
) -> Mix:
    """Puts versions of two sets of locks together.

    Args:
        old: the locks that packages are taken from,
        new: unless they are upgraded: then from these.
        upgraded: the upgrades.
        bounds: other versions for some of them, such as `==1.2`.
    """
    texts = []
    for owner in Locks._fields:
        versions = {**getattr(new, owner), **getattr(old, owner)}
        specifiers = {name: exactly(versions[name]) for name in sorted(versions)}
        for upgrade in upgraded:
            if upgrade.owner == owner:
                specifiers[upgrade.name] = bounds.get(upgrade, exactly(upgrade.change.new))
        texts.append("".join(f"{name}{bound}\n" for name, bound in specifiers.items()))
    return Mix(*texts)


def exactly(versions: tuple[str, ...]) -> str:
    """Bounds a package to its versions; a package with several has these for several platforms."""
    return f"=={versions[0]}" if len(versions) == 1 else f">={versions[0]},<={versions[-1]}"


def between(upgrade: Upgrade) -> str:
    """Bounds a package to the versions from the locked to the newest one."""
    versions = sorted((*upgrade.change.old, *upgrade.change.new), key=Version)
    return f">={versions[0]},<={versions[-1]}"


def coherent(
    found: Iterable[Upgrade], requires: Mapping[tuple[str, str], Iterable[Requirement]]
) -> list[tuple[Upgrade, ...]]:
    """Groups packages that cannot be upgraded apart: some of them require exact versions of others.

    Args:
        found: the upgrades.
        requires: what the upgraded packages require, by owner and name.
    """
    groups = [(upgrade,) for upgrade in found]
    for upgrade in [upgrade for group in groups for upgrade in group]:
        tied = {
            (upgrade.owner, canonicalize_name(requirement.name))
            for requirement in requires.get((upgrade.owner, upgrade.name), ())
            if any(bound.operator == "==" for bound in requirement.specifier)
        } | {(upgrade.owner, upgrade.name)}
        joined = [g for g in groups if tied & {(other.owner, other.name) for other in g}]
        rest = [group for group in groups if group not in joined]
        groups = [*rest, tuple(other for group in joined for other in group)]
    return sorted(tuple(sorted(group)) for group in groups)
