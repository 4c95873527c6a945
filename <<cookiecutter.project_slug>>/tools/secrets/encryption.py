"""Encrypts values of a file of settings, which are named by their keys."""

import re
from pathlib import Path
from typing import Any

import yaml

from chassis import sops as format_of_sops
from chassis.start import StartError

from . import sops
from .recipients import check_recipients

_RULE = re.compile(r"\^\(([\w|-]+)\)\$")
_NAME = re.compile(r"[\w-]+")


def encrypt(file: Path, keys: list[str]) -> list[str]:
    """Encrypts values, and those that are encrypted already anew.

    Args:
        file: of settings.
        keys: such as `mail.password`, or `mail` for all that is in it.

    Returns:
        What the file has encrypted now. SOPS selects values by the last name of a key, so there may be others.

    Raises:
        StartError: the file does not have a key, or SOPS has failed.
    """
    check_recipients()
    content = read(file)
    for key in keys:
        if not has(content, key):
            raise StartError(f"{file} has no {key}")
    names = {key.rpartition(".")[2] for key in keys} | encrypted_names(file, content)
    is_encrypted = format_of_sops.is_encrypted(content)
    text = sops.run("decrypt", str(file)) if is_encrypted else file.read_text(encoding="utf-8")
    rule = ("--encrypted-regex", f"^({'|'.join(sorted(names))})$")
    written = sops.run("encrypt", *rule, "--filename-override", str(file), text=text)
    file.write_text(written, encoding="utf-8")
    return sorted({".".join(path) for path in format_of_sops.encrypted(read(file))})


def check_encrypted(file: Path) -> None:
    """Checks that a file is one of SOPS.

    Raises:
        StartError: it is another one.
    """
    if not format_of_sops.is_encrypted(read(file)):
        raise StartError(f"{file} is not encrypted: run make encrypt FILE={file} KEYS=...")


def read(file: Path) -> dict[str, Any]:
    """Returns what a file has, as it is written.

    Raises:
        StartError: it cannot be read, or is no mapping.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise StartError(f"{file}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError):
        raise StartError(f"{file} is not valid YAML") from None
    if not isinstance(content, dict):
        raise StartError(f"{file} is not a mapping of names to values")
    return content


def has(content: Any, key: str) -> bool:
    """Whether a file has a key."""
    for name in key.split("."):
        if not _NAME.fullmatch(name) or not isinstance(content, dict) or name not in content:
            return False
        content = content[name]
    return True


def encrypted_names(file: Path, content: dict[str, Any]) -> set[str]:
    """Returns the names of the keys whose values are encrypted already.

    Raises:
        StartError: the file was encrypted by a rule of another kind.
    """
    if not format_of_sops.is_encrypted(content):
        return set()
    metadata = content.get("sops")
    rule = metadata.get("encrypted_regex") if isinstance(metadata, dict) else None
    found = _RULE.fullmatch(str(rule))
    if not found:
        raise StartError(f"{file} was encrypted by a rule of another kind: use make edit-secrets")
    return set(found[1].split("|"))
