"""Conditional requests (RFC 9110, section 13): the version of a resource is its entity tag."""

import re
from collections.abc import Callable
from typing import Any

from flask import request
from werkzeug.exceptions import PreconditionFailed

from ..resources import StaleVersionError, Version

IF_MATCH = "if-match"
IF_NONE_MATCH = "if-none-match"

_TAG = r'(?:W/)?"[!#-~\x80-\xff]*"'
# A list may be empty, and may have empty elements (section 5.6.1.2).
_FORM = re.compile(rf"\*|[ \t,]*+(?:{_TAG}(?:[ \t]*+,[ \t,]*+{_TAG})*+[ \t,]*+)?")
_TAGS = re.compile(r'(W/)?("[^"]*")')
_VERSION = re.compile('"([1-9][0-9]{0,17})"')


def failing_on_preconditions(call: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a function that answers 412 instead of 409 where the version of the request is stale.

    Args:
        call: calls the handler of an operation that takes If-Match.
    """

    def checked(*arguments: Any) -> Any:
        try:
            return call(*arguments)
        except StaleVersionError as error:
            if IF_MATCH not in request.headers:
                raise
            raise PreconditionFailed(str(error)) from error

    return checked


def is_well_formed(text: str) -> bool:
    """Whether a text is `*` or a list of entity tags."""
    return _FORM.fullmatch(text) is not None


def expected(text: str) -> Version:
    """Returns the versions that an If-Match header names, by strong comparison (section 13.1.1).

    Args:
        text: a well-formed header. `*` is any version; a weak tag, or one that is no version, is none.
    """
    if text == "*":
        return None
    tags = (tag for weak, tag in _TAGS.findall(text) if not weak)
    return frozenset(int(found[1]) for tag in tags if (found := _VERSION.fullmatch(tag)))


def entity_tag(resource: Any) -> str | None:
    """Returns the strong tag of an object that has a version; None if it has none."""
    version = getattr(resource, "version", None)
    return f'"{version}"' if isinstance(version, int) else None


def is_known(text: str, tag: str) -> bool:
    """Whether an If-None-Match header names a tag, by weak comparison (section 13.1.2).

    Args:
        text: a well-formed header.
        tag: that of the response.
    """
    return text == "*" or tag.removeprefix("W/") in (other for _, other in _TAGS.findall(text))
