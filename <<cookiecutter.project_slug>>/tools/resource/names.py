"""Names: what a resource is called in the contract, the code and the tests."""

import builtins
import keyword
import re
from collections.abc import Container
from typing import NamedTuple

_WORDS = re.compile(r"[a-z]{2}[a-z\d]*(_[a-z\d]+)*")
_FORM = "is not lower-case words (a-z, 0-9) joined by underscores, starting with two letters"
# The contract has names without quotes.
_OF_YAML = {"no", "null", "off", "on", "yes"}
# Directories that ruff or pytest pass over.
_UNCHECKED = {"build", "dist", "node_modules", "venv"}
_BUILT_IN = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in dir(builtins)}
# Classes that generated code imports; that of a resource would hide them.
_CLASSES = {
    *("any", "binder", "bindings", "conflict_error", "decimal"),
    *("error", "flask_client", "inject", "iterator", "json"),
    *("literal", "memory_repository", "memory_unit_of_work", "module", "not_found_error"),
    *("not_required", "page", "position", "problem", "query"),
    *("repository", "resource", "sort"),
    *("test", "type_alias", "typed_dict", "unit_of_work", "uuid"),
}
_LONGEST, _LONGEST_PLURAL = 20, 24


class RefusedError(ValueError):
    """What is asked for cannot be done; the message says why, in a sentence."""


class Resource(NamedTuple):
    """A resource, by the names that it has."""

    name: str
    plural: str
    class_name: str
    article: str
    label: str
    plural_label: str
    title: str
    path: str


def resource(name: str, plural: str) -> Resource:
    """Returns the names of a resource, which follow from its name and its plural."""
    plural_label = plural.replace("_", " ")
    return Resource(
        name,
        plural,
        class_name(name),
        article(name),
        name.replace("_", " "),
        plural_label,
        plural_label.capitalize(),
        plural.replace("_", "-"),
    )


def class_name(name: str) -> str:
    """Returns the name of the class that is named after a resource or a field."""
    return name.replace("_", " ").title().replace(" ", "")


def article(name: str) -> str:
    """Returns the indefinite article before a name."""
    return "an" if name[0] in "aeiou" else "a"


def plural_of(name: str) -> str:
    """Returns the usual plural of a name."""
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}es" if name.endswith(("s", "x", "z", "ch", "sh")) else f"{name}s"


def check(name: str, plural: str, taken: Container[str] = ()) -> None:
    """Refuses names that cannot be those of a resource.

    Args:
        name: the singular.
        plural: the plural.
        taken: further names of classes that generated code imports, as those of resources are written.

    Raises:
        RefusedError: a name is not one.
    """
    for what, text, longest in (
        ("NAME", name, _LONGEST),
        ("PLURAL", plural, _LONGEST_PLURAL),
    ):
        if reason := _why_not(text, longest) or (
            "is a name that the generated code uses itself" if text in taken else None
        ):
            raise RefusedError(f"{what} {text!r} {reason}")
    if plural in _UNCHECKED:
        raise RefusedError(f"PLURAL {plural!r} is a directory that tools pass over")


def _why_not(text: str, longest: int) -> str | None:
    if not _WORDS.fullmatch(text):
        return _FORM
    if len(text) > longest:
        return f"is longer than {longest} characters"
    if keyword.iskeyword(text):
        return "is a Python keyword"
    if text in _BUILT_IN:
        return "is a Python built-in"
    if text in _OF_YAML:
        return "is a value in YAML"
    if text in _CLASSES:
        return "is a name that the generated code uses itself"
    return None
