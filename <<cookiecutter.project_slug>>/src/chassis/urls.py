"""URLs with passwords: their check, and their display without the passwords."""

import re
from urllib.parse import unquote

from .redaction import HIDDEN

__all__ = ["check", "mask"]

_AUTHORITY = re.compile(r"[^:/]*://([^/?#]+)")
_NOT_ESCAPED = re.compile(r"[\s\[\]]|%(?![0-9A-Fa-f]{2})")
_PASSWORD = re.compile(r"(://[^/?#:@]*:)[^@]*(?=@)")
_SECRET = re.compile(r"passw|secret|token|api[-_]?key", re.IGNORECASE)


def check(url: str) -> None:
    """Checks that the user name and the password of a URL are escaped (RFC 3986, section 3.2.1).

    A character that is not escaped ends the user name, the password or the host too early, and libraries
    differ in the host that they read. So the only `@` stands before the host; any other is `%40`.

    Raises:
        ValueError: a character is not escaped; the message does not quote the URL.
    """
    found = _AUTHORITY.match(url)
    if not found:
        return
    credentials, at, _ = found[1].rpartition("@")
    if url.count("@") > len(at) or _NOT_ESCAPED.search(credentials):
        raise ValueError(
            "user name and password have to be escaped:"
            " @ is %40, / is %2F, : is %3A, ? is %3F, # is %23, % is %25, [ is %5B, ] is %5D"
        )


def mask(url: str) -> str:
    """Returns a URL that `check` has accepted, with its passwords hidden."""
    start, mark, query = url.partition("?")
    parts = [_mask_parameter(part) for part in query.split("&")]
    return _PASSWORD.sub(rf"\g<1>{HIDDEN}", start) + mark + "&".join(parts)


def _mask_parameter(part: str) -> str:
    name, equals, _ = part.partition("=")
    return f"{name}={HIDDEN}" if equals and _SECRET.search(unquote(name)) else part
