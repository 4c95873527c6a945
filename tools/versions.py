"""The versions in a lock: what has changed, and what a bound holds back."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from . import index

# Platforms and Pythons may have different versions of a package: all of them, oldest first.
Versions = dict[str, tuple[str, ...]]


class Change(NamedTuple):
    """A package whose locked versions are others now; there are none where it is not locked."""

    name: str
    old: tuple[str, ...]
    new: tuple[str, ...]

    def __str__(self) -> str:
        if not self.old:
            return f"{self.name} {join(self.new)} added"
        if not self.new:
            return f"{self.name} {join(self.old)} removed"
        return f"{self.name} {join(self.old)} -> {join(self.new)}"


def join(versions: Iterable[str]) -> str:
    """Puts the versions of a package in a text."""
    return " and ".join(versions)


def read(lock: str) -> Versions:
    """Finds the versions of each package in a lock, rendered or not."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^(\w[\w.-]*)(?:\[.*?\])?==([^\s;]+)", lock, re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return {name: tuple(sorted(found[name], key=Version)) for name in sorted(found)}


def changes(old: Versions, new: Versions) -> list[Change]:
    """Compares two locks."""
    both = [Change(name, old.get(name, ()), new.get(name, ())) for name in sorted({*old, *new})]
    return [change for change in both if change.old != change.new]


def newest(names: Iterable[str], python: str) -> Versions:
    """Finds the newest release of each package, whatever the others require.

    Raises:
        UnsolvableError: a package has no release for the Pythons.
        UnreachableError: the index could not be asked.
    """
    return read(index.resolve(names, "", python, "--no-deps", "--no-annotate", "--no-header"))


def held_back(locked: Versions, out: Versions, declared: Iterable[Requirement]) -> Iterator[str]:
    """Finds packages with a newer release than the locked one, and says what holds it back.

    Args:
        locked: the versions of the lock.
        out: the newest releases.
        declared: the requirements of pyproject.toml.
    """
    requirements = list(declared)
    for name, versions in locked.items():
        last = out[name][-1]
        if Version(last) <= Version(versions[-1]):
            continue
        bounds = {
            str(bound)
            for requirement in requirements
            if canonicalize_name(requirement.name) == name
            for bound in requirement.specifier
            if not bound.contains(last, prereleases=True)
        }
        reason = f"{','.join(sorted(bounds))} in pyproject.toml" if bounds else "other packages"
        yield f"{name} {join(versions)}: {last} is out, held back by {reason}"
