"""A whole file: decrypts its values, and checks its MAC."""

import hashlib
import hmac
from typing import Any, NamedTuple

import yaml

from . import values
from .errors import SopsError
from .keys import data_key

METADATA = "sops"
# A MAC of the encrypted values alone begins with it, so that it is no MAC of all values:
# `MACOnlyEncryptedInitialization` in sops.go.
_ONLY_ENCRYPTED = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")

Path = tuple[str, ...]
"""The keys that lead to a value; lists add nothing."""


class Decrypted(NamedTuple):
    """The content of a file."""

    content: dict[str, Any]
    """What the file has without encryption."""
    secrets: frozenset[Path]
    """Where it has encrypted values."""


def is_encrypted(content: object) -> bool:
    """Whether a file has the metadata of SOPS, or values that are encrypted."""
    if isinstance(content, dict):
        return METADATA in content or any(map(is_encrypted, content.values()))
    if isinstance(content, list):
        return any(map(is_encrypted, content))
    return values.is_encrypted(content)


def decrypt(text: str) -> Decrypted:
    """Decrypts a file that SOPS has written, with the key file that `SOPS_AGE_KEY_FILE` names.

    Args:
        text: the file, YAML whose top is a mapping.

    Raises:
        SopsError: there is no key for the file, or it was changed since SOPS has written it.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    node = yaml.compose(text, yaml.SafeLoader)
    metadata = content.get(METADATA)
    if not isinstance(metadata, dict):
        raise SopsError("not complete: has encrypted values, but no part sops at its end")
    reader = _Reader(data_key(metadata), metadata)
    try:
        del content[METADATA]
        node.value = [pair for pair in node.value if pair[0].value != METADATA]
        read = reader.read(node, content, ())
    except RecursionError:
        raise SopsError("nested too deeply") from None
    reader.check_mac()
    return Decrypted(read, frozenset(reader.secrets))


class _Reader:
    """Reads the values in the order of the file."""

    def __init__(self, key: bytes, metadata: dict[str, Any]) -> None:
        self._key = key
        self._metadata = metadata
        self._only_encrypted = bool(metadata.get("mac_only_encrypted"))
        self._mac = hashlib.sha512(_ONLY_ENCRYPTED if self._only_encrypted else b"")
        self.secrets: set[Path] = set()

    def read(self, node: yaml.Node, value: Any, path: Path) -> Any:
        """Returns a value without encryption.

        Args:
            node: the value as it is written.
            value: the value as the settings would read it.
            path: the keys that lead to it.
        """
        if isinstance(node, yaml.MappingNode):
            if len(node.value) != len(value):
                raise SopsError(f"{'.'.join(path) or 'the file'} has a key twice")
            return {
                key: self.read(child, inner, (*path, str(key)))
                for (_, child), (key, inner) in zip(node.value, value.items(), strict=True)
            }
        if isinstance(node, yaml.SequenceNode):
            return [
                self.read(child, inner, path)
                for child, inner in zip(node.value, value, strict=True)
            ]
        if values.is_encrypted(value):
            additional_data = "".join(f"{key}:" for key in path)
            content, opened = values.open_value(value, self._key, additional_data, ".".join(path))
            self._mac.update(content)
            self.secrets.add(path)
            return opened
        if not self._only_encrypted:
            self._mac.update(values.counted(node))
        return value

    def check_mac(self) -> None:
        """Compares the MAC of what was read with the one of the file; it is bound to the time of the last change.

        Raises:
            SopsError: they differ.
        """
        mac, modified = self._metadata.get("mac"), str(self._metadata.get("lastmodified"))
        if not values.is_encrypted(mac):
            raise SopsError("not complete: has no sops.mac")
        expected, _ = values.open_value(str(mac), self._key, modified, "sops.mac")
        if not hmac.compare_digest(expected, self._mac.hexdigest().upper().encode()):
            raise SopsError("changed after it was encrypted: its values do not fit sops.mac")
