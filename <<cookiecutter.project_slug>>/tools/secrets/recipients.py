"""The keys of age: the private one in a file, the public one in `.sops.yaml`."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from pyrage.x25519 import Identity

from chassis.start import StartError

RULES = Path(".sops.yaml")


def make_key(file: Path) -> str:
    """Adds a new key to a file that only its owner can read, and its recipient to `.sops.yaml`.

    Raises:
        StartError: `.sops.yaml` has another form than it had at first.
    """
    identity = Identity.generate()
    recipient = str(identity.to_public())
    before = RULES.read_text(encoding="utf-8") if RULES.exists() else ""
    text = f"{before.rstrip()}\n          - {recipient}\n"
    if recipient not in (listed(text) or []):
        raise StartError(
            f"{RULES} has another form: make a key with age-keygen, and add it by hand"
        )
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with open(descriptor, "a", encoding="utf-8") as lines:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        lines.write(f"# created: {now}\n# public key: {recipient}\n{identity}\n")
    RULES.write_text(text, encoding="utf-8")
    return recipient


def check_recipients() -> None:
    """Checks that there is somebody to encrypt for.

    Raises:
        StartError: there is nobody.
    """
    if RULES.exists() and listed(RULES.read_text(encoding="utf-8")) == []:
        raise StartError(f"{RULES} names no recipient: run make secret-key")


def listed(text: str) -> list[str] | None:
    """Returns the recipients that the rules list; None if these have another form than at first."""
    try:
        rule: Any = yaml.safe_load(text)["creation_rules"][0]
        return list(rule["key_groups"][0]["age"] or [])
    except (yaml.YAMLError, KeyError, IndexError, TypeError):
        return None
