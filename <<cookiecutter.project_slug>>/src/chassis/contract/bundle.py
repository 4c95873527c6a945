"""One document of several files: what a reference finds in another file becomes a component."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ..start import StartError
from .keywords import KINDS, holds_names, is_data
from .references import References, UnresolvedReferenceError

_SCHEMAS = {"schema", "items", "not", "additionalProperties", "allOf", "oneOf", "anyOf"}
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]")

Place = tuple[Path, str]
"""A file, and a pointer into it."""


class Bundle:
    """A document and the files that it refers to."""

    def __init__(
        self, file: Path, document: dict[str, Any], load: Callable[[Path], dict[str, Any]]
    ) -> None:
        """Reads no other file yet.

        Args:
            file: has the document.
            document: what it has.
            load: reads a file.
        """
        self._main = file.resolve()
        self._files = {self._main: document}
        self._load = load
        self._names: dict[Place, tuple[str, str]] = {}
        self._open: list[Place] = []
        self._taken: dict[str, set[str]] = {}
        self._found: dict[str, dict[str, Any]] = {}
        """The components of other files, by their kind and name."""

    def whole(self) -> dict[str, Any]:
        """Returns the document with what it refers to; one that refers to no other file is returned as it is.

        Raises:
            UnresolvedReferenceError: a reference leads nowhere.
        """
        document = self._files[self._main]
        if not _leaves(document):
            return document
        given = document.get("components", {})
        # A component that is nothing but a reference gives its name to what stands there.
        for kind, named in given.items():
            self._taken[kind] = set(named)
            for name, value in named.items():
                if isinstance(value, Mapping) and _is_outside(value.get("$ref")):
                    self._names[self._place(value["$ref"], self._main)] = (kind, name)
        named_here = list(self._names.items())
        result: dict[str, Any] = self._walk(document, self._main, "", names=False)
        components = result.setdefault("components", {})
        for place, (kind, name) in named_here:
            components[kind][name] = self._content(place, kind)
        for kind, found in self._found.items():
            components.setdefault(kind, {}).update(found)
        return result

    def _walk(self, node: Any, file: Path, key: str, *, names: bool) -> Any:
        """Returns a copy whose references stay within the document.

        Args:
            node: a part of a file.
            file: the file.
            key: under which the part stands; that of the list or of the names around it, if there is one.
            names: whether the keys of the part are names.
        """
        if isinstance(node, list):
            return [self._walk(element, file, key, names=False) for element in node]
        if not isinstance(node, dict):
            return node
        if not names and isinstance(node.get("$ref"), str):
            return self._reference(node["$ref"], file, key)
        result = {}
        for name, value in node.items():
            if names:
                result[name] = self._walk(value, file, key, names=False)
            elif is_data(name):
                result[name] = value
            elif name == "mapping" and key == "discriminator":
                result[name] = {one: self._mapped(target, file) for one, target in value.items()}
            else:
                result[name] = self._walk(value, file, name, names=holds_names(name, value))
        return result

    def _mapped(self, target: str, file: Path) -> str:
        if "/" not in target and not target.endswith((".yaml", ".yml", ".json")):
            return target  # the name of a schema
        reference: str = self._reference(target, file, "schema")["$ref"]
        return reference

    def _reference(self, reference: str, file: Path, key: str) -> Any:
        place = self._place(reference, file)
        target, pointer = place
        if target == self._main:
            return {"$ref": f"#{pointer}"}
        kind = "schemas" if key in _SCHEMAS else KINDS.get(key, "")
        if key == "requestBody":
            kind = "requestBodies"
        if not kind:
            return self._content(place, key)  # paths and the like are no components
        if place not in self._names:
            name = self._name(kind, place)
            self._names[place] = (kind, name)
            self._found.setdefault(kind, {})[name] = self._content(place, kind)
        kind, name = self._names[place]
        return {"$ref": f"#/components/{kind}/{name}"}

    def _name(self, kind: str, place: Place) -> str:
        file, pointer = place
        wanted = unquote(pointer).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        name = _NOT_IN_NAMES.sub("_", wanted or file.stem)
        taken = self._taken.setdefault(kind, set())
        number, unique = 2, name
        while unique in taken:
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        return unique

    def _place(self, reference: str, file: Path) -> Place:
        url = urlsplit(reference)
        if url.scheme not in ("", "file") or url.netloc:
            raise UnresolvedReferenceError(
                reference,
                f"$ref: {reference}: only files are read: put a copy beside the document",
            )
        path = unquote(url.path)
        target = (file.parent / path).resolve() if path else file
        if target not in self._files:
            try:
                self._files[target] = self._load(target)
            except OSError as error:
                reason = f"$ref: {reference}: {error.strerror}"
                raise UnresolvedReferenceError(reference, reason) from error
            except StartError as error:
                reason = f"$ref: {reference}: {error}"
                raise UnresolvedReferenceError(reference, reason) from error
        return target, url.fragment

    def _content(self, place: Place, key: str) -> Any:
        file, pointer = place
        if place in self._open:
            reference = f"{file.name}#{pointer}"
            raise UnresolvedReferenceError(reference, f"$ref: {reference} leads to itself")
        self._open.append(place)
        target = References(self._files[file]).target(f"#{pointer}")
        content = self._walk(target, file, key, names=False)
        self._open.pop()
        return content


def _is_outside(reference: Any) -> bool:
    return isinstance(reference, str) and not reference.startswith("#")


def _leaves(node: Any) -> bool:
    """Whether a reference of a document, or what looks like one, leads out of it."""
    if isinstance(node, list):
        return any(map(_leaves, node))
    if not isinstance(node, dict):
        return False
    return _is_outside(node.get("$ref")) or any(map(_leaves, node.values()))
