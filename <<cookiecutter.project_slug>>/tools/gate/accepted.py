"""Breaks that are accepted, each with a reason."""

from pathlib import Path
from typing import NamedTuple

import yaml

from chassis.contract import ContractError
from chassis.start import yaml_fault

from .changes import Change

ANSWERED_OTHERWISE = "answered-otherwise"
"""The rule of what no other rule finds, but requests do: whether it is broken cannot be known without asking."""

_KEYS = ("rule", "operation", "place", "reason")


class Acceptance(NamedTuple):
    """An entry of the file."""

    number: int
    rule: str
    reason: str
    operation: str | None
    """Any, if it is None."""
    place: str | None
    """Any, if it is None."""

    def takes(self, change: Change) -> bool:
        """Returns whether it accepts a change."""
        return (
            change.is_breaking
            and change.rule == self.rule
            and self.operation in (None, change.operation)
            and self.place in (None, change.place)
        )

    def __str__(self) -> str:
        return f"entry {self.number} ({self.rule})"


def read(path: Path) -> list[Acceptance]:
    """Reads the file; there is nothing accepted if it does not exist.

    Raises:
        ContractError: it cannot be read, or an entry is not complete.
    """
    name = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        entries = yaml.safe_load(text) or []
    except (ValueError, yaml.YAMLError) as error:
        raise ContractError(f"{name}: {yaml_fault(error)}") from error
    if not isinstance(entries, list):
        raise ContractError(f"{name}: it has to be a list")
    return [
        _acceptance(f"{name}: entry {number}", number, entry)
        for number, entry in enumerate(entries, 1)
    ]


def _acceptance(place: str, number: int, entry: object) -> Acceptance:
    if not isinstance(entry, dict):
        raise ContractError(f"{place} has to have {', '.join(_KEYS)}")
    for key, value in entry.items():
        if key not in _KEYS:
            raise ContractError(f"{place}: {key} is not known, only {', '.join(_KEYS)}")
        if not isinstance(value, str) or not value.strip():
            raise ContractError(f"{place}: {key} has to be a text")
    for key in ("rule", "reason"):
        if key not in entry:
            raise ContractError(f"{place} has no {key}")
    if entry["rule"] == ANSWERED_OTHERWISE and set(entry) != {"rule", "operation", "reason"}:
        raise ContractError(f"{place} has to have rule, operation and reason")
    if "operation" not in entry and "place" not in entry:
        raise ContractError(f"{place} names neither an operation nor a place")
    operation, inside = entry.get("operation"), entry.get("place")
    return Acceptance(number, entry["rule"], entry["reason"].strip(), operation, inside)
