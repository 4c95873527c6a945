"""Mistakes in a contract: each ends the start with one line that says where it is and what is wrong."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import jsonschema_rs
from connexion.exceptions import InvalidSpecification
from connexion.json_schema import ValidationError

from ..start import StartError
from .document import MistakeError
from .keywords import Place
from .outline import METHODS
from .places import line_of, place_of, place_of_reference
from .references import UnresolvedReferenceError
from .schemas import is_pattern

# A longer text has a whole part of the document in it.
_MAX_REASON = 300
NO_PATTERN = "it is no regular expression of ECMA 262, which JSON Schema has"
_PLACES = {"path", "query", "header", "cookie"}


def line(error: Exception, file: Path, document: Any) -> str:
    """Returns the line that tells of an error: file and line, operation, place and reason.

    Args:
        error: has ended the start.
        file: has the document.
        document: None if it cannot be read.
    """
    place, reason = _place_and_reason(error, document)
    number = line_of(file, place)
    where = f"contract: {file}:{number}" if number else f"contract: {file}"
    return ": ".join(part for part in (where, *_named(place), reason) if part)


def reason_of(error: BaseException) -> str:
    """Says in one line what is wrong."""
    if isinstance(error, (StartError, UnresolvedReferenceError)):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}..."


def _place_and_reason(error: Exception, document: Any) -> tuple[Place, str]:
    around = error.place if isinstance(error, MistakeError) else ()
    match error.__cause__ if around else error:
        case InvalidSpecification() as cause:
            return _of_document(cause)
        case UnresolvedReferenceError() as cause:
            place = place_of_reference(document, cause.reference)
            return place or around, str(cause).removeprefix("$ref: ")
        case jsonschema_rs.ValidationError():
            if place := place_of(document, "pattern", _is_no_pattern):
                return place, NO_PATTERN
    return around, reason_of(error)


def _is_no_pattern(value: Any) -> bool:
    return isinstance(value, str) and not is_pattern(value)


def _named(place: Place) -> tuple[str, ...]:
    """Returns the operation of a place, and what leads from there to it."""
    if place[:1] == ("paths",) and len(place) > 1:
        if len(place) > 2 and place[2] in METHODS:
            return f"{str(place[2]).upper()} {place[1]}", "/".join(map(str, place[3:]))
        return str(place[1]), "/".join(map(str, place[2:]))
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in place)
    return ("/".join(["#", *steps]) if place else "",)


def _of_document(error: ValidationError) -> tuple[Place, str]:
    """Returns the place and the reason why a document is not valid OpenAPI."""
    faults = _deepest(error)
    fault = faults[0]
    place = tuple(fault.absolute_path)
    match fault.validator:
        case "enum":
            alike = [one for one in faults if one.absolute_path == fault.absolute_path]
            options = dict.fromkeys(option for one in alike for option in one.validator_value)
            reason = f"{fault.instance!r} is not one of {', '.join(map(repr, options))}"
        case "type" if isinstance(fault.instance, (dict, list)):
            reason = f"it has to be of type {fault.validator_value}"
        case "additionalProperties":
            name = next(_unknown(fault))
            if place == ("paths",):
                return (*place, name), "a path has to begin with /"
            similar = get_close_matches(str(name), fault.schema.get("properties", ()), 1)
            hint = f"; did you mean {similar[0]!r}?" if similar else ""
            return (*place, name), f"there is no such keyword here{hint}"
        case _:
            reason = fault.message
    if "default" in fault.schema and fault.schema["default"] == fault.instance:
        place = (*place, "default")
    return place, _short(reason)


def _deepest(error: ValidationError) -> list[ValidationError]:
    """Returns, of several ways to be right, where those end that were followed furthest."""
    leaves = list(_leaves(error))
    # A parameter has a way for each place; where the place is right, it tells which way was meant.
    leaves = [leaf for leaf in leaves if not _is_other_place(leaf)] or leaves
    depth = max(len(leaf.absolute_path) for leaf in leaves)
    return [leaf for leaf in leaves if len(leaf.absolute_path) == depth]


def _is_other_place(fault: ValidationError) -> bool:
    path = fault.absolute_path
    return bool(path) and path[-1] == "in" and fault.instance in _PLACES


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    if not error.context:
        yield error
    for inner in error.context:
        yield from _leaves(inner)


def _unknown(fault: ValidationError) -> Iterator[str]:
    """Yields the keys that a part of a document may not have."""
    patterns = fault.schema.get("patternProperties", {})
    for key in fault.instance:
        if key not in fault.schema.get("properties", ()) and not any(
            re.search(pattern, key) for pattern in patterns
        ):
            yield key
