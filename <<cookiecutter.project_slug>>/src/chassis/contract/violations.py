"""Violations of the contract: what is wrong, and where."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import jsonschema_rs

# What a fragment may have besides letters and digits (RFC 3986, section 3.5).
_IN_FRAGMENTS = "-._~!$&'()*+,;=:@?"


class Violation(NamedTuple):
    """One thing that is wrong with a request, or with the body of a response."""

    location: str
    """The part of the request: body, query, path, header or cookie."""
    pointer: str
    """A JSON pointer into that part, as a URI fragment (RFC 6901, section 6)."""
    detail: str


def violations_of(
    validator: jsonschema_rs.Draft4Validator, value: Any, location: str, path: list[str | int]
) -> Iterator[Violation]:
    """Yields every violation of a value that is not valid.

    Args:
        validator: refuses the value.
        value: as JSON has it.
        location: the part of the request that has the value.
        path: where the value is in that part.
    """
    try:
        errors = list(validator.iter_errors(value))
    except ValueError:
        yield Violation(location, pointer(path), "is nested too deeply")
        return
    for error in errors:
        place = [*path, *error.instance_path]
        match error.kind:
            case jsonschema_rs.ValidationErrorKind.Required(property=name):
                yield Violation(location, pointer([*place, name]), "is required")
            case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
                for name in names:
                    yield Violation(location, pointer([*place, name]), "is not a known property")
            case jsonschema_rs.ValidationErrorKind.Pattern():
                yield Violation(location, pointer(place), "does not have the described form")
            case jsonschema_rs.ValidationErrorKind.Not():
                yield Violation(location, pointer(place), "is not allowed")
            case _:
                yield Violation(location, pointer(place), error.message.removeprefix("value "))


def pointer(path: list[str | int]) -> str:
    """Returns the JSON pointer of a place."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join(f"/{quote(part, _IN_FRAGMENTS)}" for part in escaped)
