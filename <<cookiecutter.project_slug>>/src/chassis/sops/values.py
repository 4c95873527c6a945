"""Single values, as SOPS encrypts them and as it counts them in its MAC."""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import SopsError

PREFIX = "ENC[AES256_GCM,"
COMMENT = object()
"""Stands for a comment in a list: SOPS writes one that it has encrypted as an item."""

_ENCRYPTED = re.compile(r"ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(\w+)\]")
_TYPES: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": "True".__eq__,
    # The settings read it as they read other texts.
    "time": str,
    "comment": lambda text: COMMENT,
}

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOLEAN = {"true": b"True", "True": b"True", "TRUE": b"True"} | {
    "false": b"False",
    "False": b"False",
    "FALSE": b"False",
}
_NOT_FINITE = {".inf": b"+Inf", "-.inf": b"-Inf", ".nan": b"NaN"}
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")


def is_encrypted(value: object) -> bool:
    """Whether a value of a file is one that SOPS has encrypted."""
    return isinstance(value, str) and value.startswith(PREFIX)


def open_value(text: str, key: bytes, additional_data: str, place: str) -> tuple[bytes, Any]:
    """Decrypts a value: AES-256-GCM, which also proves that it stands where it was encrypted.

    Args:
        text: `ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]`.
        key: the data key of the file.
        additional_data: what the value is bound to: its keys.
        place: where it stands, for the message.

    Returns:
        What is encrypted, and the value that it stands for.

    Raises:
        SopsError: it is damaged, changed, or was somewhere else when it was encrypted.
    """
    found = _ENCRYPTED.fullmatch(text)
    if not found:
        raise SopsError(f"damaged: {place} is not a complete value of SOPS")
    kind = found[4]
    try:
        data, nonce, tag = (b64decode(part, validate=True) for part in found.groups()[:3])
        content = AESGCM(key).decrypt(nonce, data + tag, additional_data.encode())
        return content, _TYPES[kind](content.decode())
    except InvalidTag:
        message = f"{place} was changed, or moved here, after it was encrypted"
        raise SopsError(message) from None
    except KeyError:
        raise SopsError(f"{place} has the type {kind}, which the service does not know") from None
    except (binascii.Error, ValueError):
        raise SopsError(f"damaged: {place}") from None


def counted(node: yaml.ScalarNode) -> bytes:
    """Returns what the MAC counts of a value that is not encrypted.

    SOPS is written in Go: it reads YAML 1.2, where `on` is a text and `1e+06` a number, and counts numbers as
    `strconv.FormatFloat` writes them, with all digits. Nulls do not count.
    """
    text: str = node.value
    if node.style:  # in quotes
        return text.encode()
    if text in _NULL:
        return b""
    if plain := _BOOLEAN.get(text) or _NOT_FINITE.get(text):
        return plain
    return _digits(text).encode() if _NUMBER.fullmatch(text) else text.encode()


def _digits(number: str) -> str:
    if number.lstrip("-+").isdecimal():
        return number
    return f"{Decimal(repr(float(number))).normalize():f}"
