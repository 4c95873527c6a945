"""Reads the documents of a contract: YAML or JSON, in one file or in several."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from ..start import StartError, yaml_fault
from .bundle import Bundle
from .keywords import Place
from .places import place_of_reference
from .references import UnresolvedReferenceError

_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"


class ContractError(StartError):
    """A document cannot be served; the message names it, the operation or place, and the reason."""


class MistakeError(ContractError):
    """A mistake at a place of a document."""

    def __init__(self, reason: str, *place: str | int) -> None:
        super().__init__(reason)
        self.place: Place = place


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML as JSON would have it: a date is a text, and so is each key (`200:`, `on:`).

    libyaml reads a document ten times faster than PyYAML, which can be built without it.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                key.tag = _TEXT
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def read(document: Path) -> dict[str, Any]:
    """Reads a document; what its references find in other files becomes a part of it.

    Raises:
        ContractError: it is not YAML, or no document.
        MistakeError: a reference leads to no file.
    """
    content = _load(document)
    try:
        return Bundle(document, content, _load).whole()
    except UnresolvedReferenceError as error:
        raise MistakeError(str(error), *place_of_reference(content, error.reference)) from error


def _load(file: Path) -> dict[str, Any]:
    try:
        text = file.read_text("utf-8")
        content = _parsed(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(yaml_fault(error)) from error
    if not isinstance(content, dict):
        raise ContractError("not an OpenAPI document" if text.strip() else "the file is empty")
    return content


def _parsed(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError:
            pass  # it is YAML after all, or YAML's parser tells the place
    try:
        return yaml.load(text, _Loader)  # noqa: S506 it is a safe one
    except yaml.YAMLError:
        # JSON writes a character beyond 16 bits as two halves, which YAML does not know.
        whole = _SURROGATES.sub(_joined, text)
        if whole == text:
            raise
        return yaml.load(whole, _Loader)  # noqa: S506


def _joined(halves: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in halves.groups())
    return f"\\U{0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00):08X}"
