"""The keys: identities of age in a file, and the data key that SOPS has encrypted for them."""

import binascii
import os
from base64 import b64decode
from pathlib import Path
from typing import Any

import pyrage
from pyrage.x25519 import Identity

from .errors import SopsError

KEY_FILE = "SOPS_AGE_KEY_FILE"
"""The variable that names the file of identities, as for SOPS itself."""

_HEADER, _FOOTER = "-----BEGIN AGE ENCRYPTED FILE-----", "-----END AGE ENCRYPTED FILE-----"


def data_key(metadata: dict[str, Any]) -> bytes:
    """Returns the key that the values are encrypted with.

    Args:
        metadata: the part `sops` of the file.

    Raises:
        SopsError: no key of the key file is for this file, or the file is damaged.
    """
    if metadata.get("key_groups"):
        raise SopsError("has several groups of keys, of which the service reads none: use a list")
    entries = _entries(metadata)
    found = _identities(entries)
    for recipient, message in entries.items():
        if recipient in found:
            try:
                key: bytes = pyrage.decrypt(_without_armor(message), [found[recipient]])
            except (pyrage.DecryptError, binascii.Error):
                raise SopsError(f"damaged: the data key for {recipient}") from None
            return key
    raise SopsError(f"{_wanted(entries)}, and {os.environ[KEY_FILE]} has no key of these")


def _entries(metadata: dict[str, Any]) -> dict[str, str]:
    """Returns the encrypted data key for each recipient."""
    try:
        entries = {str(entry["recipient"]): str(entry["enc"]) for entry in metadata["age"] or []}
    except (KeyError, TypeError):
        raise SopsError("damaged: sops.age is not complete") from None
    if not entries:
        raise SopsError("encrypted for no recipient of age")
    return entries


def _wanted(entries: dict[str, str]) -> str:
    return f"encrypted for {', '.join(entries)}"


def _identities(entries: dict[str, str]) -> dict[str, Identity]:
    """Reads the key file; returns its identities by their recipients."""
    path = os.environ.get(KEY_FILE)
    if not path:
        raise SopsError(f"{_wanted(entries)}: set {KEY_FILE} to the file with a key of these")
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not text in UTF-8"
        raise SopsError(f"{_wanted(entries)}, and {KEY_FILE} {path}: {reason}") from None
    found: dict[str, Identity] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if line and not line.startswith("#"):
            try:
                identity = Identity.from_str(line)
            except pyrage.IdentityError:
                message = f"{KEY_FILE} {path}: line {number} is not a key of age"
                raise SopsError(f"{_wanted(entries)}, and {message}") from None
            found[str(identity.to_public())] = identity
    return found


def _without_armor(message: str) -> bytes:
    """https://age-encryption.org/v1, section "ASCII armor"."""
    text = message.strip().removeprefix(_HEADER).removesuffix(_FOOTER)
    return b64decode("".join(text.split()), validate=True)
