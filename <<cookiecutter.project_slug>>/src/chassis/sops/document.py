"""A whole file: decrypts its values, and checks its MAC."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

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


def encrypted(content: dict[str, Any]) -> Iterator[Path]:
    """Yields the place of each encrypted value of a file, as often as it has some there."""
    values_alone = {key: value for key, value in content.items() if key != METADATA}
    return _places(values_alone, ())


def _places(content: Any, path: Path) -> Iterator[Path]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _places(value, (*path, str(key)))
    elif isinstance(content, list):
        for value in content:
            yield from _places(value, path)
    elif values.is_encrypted(content):
        yield path


def is_encrypted(content: dict[str, Any]) -> bool:
    """Whether a file has the metadata of SOPS, or a value that is encrypted."""
    return METADATA in content or any(True for _ in encrypted(content))


def decrypt(text: str) -> dict[str, Any]:
    """Decrypts a file that SOPS has written, with the key file that `SOPS_AGE_KEY_FILE` names.

    Args:
        text: the file, YAML whose top is a mapping.

    Returns:
        What the file has without encryption.

    Raises:
        SopsError: there is no key for the file, or it was changed since SOPS has written it.
    """
    content: dict[str, Any] = yaml.safe_load(text)
    node = yaml.compose(text, yaml.SafeLoader)
    metadata = content.pop(METADATA, None)
    if not isinstance(metadata, dict) or not isinstance(node, yaml.MappingNode):
        raise SopsError("not complete: has encrypted values, but no part sops at its end")
    node.value = [pair for pair in node.value if pair[0].value != METADATA]
    reader = _Reader(data_key(metadata), metadata)
    decrypted: dict[str, Any] = reader.read(node, content, ())
    reader.check_mac()
    return decrypted


class _Reader:
    """Reads the values in the order of the file."""

    def __init__(self, key: bytes, metadata: dict[str, Any]) -> None:
        self._key = key
        self._metadata = metadata
        self._only_encrypted = bool(metadata.get("mac_only_encrypted"))
        self._mac = hashlib.sha512(_ONLY_ENCRYPTED if self._only_encrypted else b"")

    def read(self, node: yaml.Node, value: Any, path: Path) -> Any:
        """Returns a value without encryption.

        Args:
            node: the value as it is written.
            value: the value as the settings would read it.
            path: the keys that lead to it.
        """
        if isinstance(node, yaml.MappingNode):
            # SOPS writes neither of these; which value counts would be a matter of taste.
            if [key.value for key, _ in node.value] != list(value):
                message = "has a key twice, or one that is not a text"
                raise SopsError(f"{'.'.join(path) or 'it'} {message}")
            return {
                key.value: self.read(child, value[key.value], (*path, key.value))
                for key, child in node.value
            }
        if isinstance(node, yaml.SequenceNode):
            items = zip(node.value, value, strict=True)
            read = [self.read(child, inner, path) for child, inner in items]
            return [item for item in read if item is not values.COMMENT]
        if values.is_encrypted(value):
            additional_data = "".join(f"{key}:" for key in path)
            content, opened = values.open_value(value, self._key, additional_data, ".".join(path))
            # Comments do not count.
            self._mac.update(b"" if opened is values.COMMENT else content)
            return opened
        if isinstance(node, yaml.ScalarNode) and not self._only_encrypted:
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
