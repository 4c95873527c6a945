"""Redaction: values that look like secrets do not reach the logs."""

import re

__all__ = ["HIDDEN", "redact"]

HIDDEN = "***"
# Texts without any of these are not searched further.
_MARKS = ("auth", "cookie", "passw", "secret", "token", "key", "bearer ", "basic ", "://")
_WHOLE = re.compile(
    r"""((?:authorization|(?<!set-)cookie)["']?\s*[:=]\s*["']?)[^\r\n"']+""", re.IGNORECASE
)
_NAMED = re.compile(
    r"""((?:set-cookie|password|passwd|secret|token|api[-_]?key)["']?\s*[:=]\s*)"""
    r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|(?:(?:bearer|basic)\s+)?[^\s"',;&)}\]]+)""",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b((?:Bearer|Basic)\s+)[\w.~+/-]{8,}=*")
# Up to the last `@`: a password that is not escaped may have another one, or a slash.
_URL = re.compile(r"(://[^/\s:@]*:)\S+(?=@)")


def redact(text: str) -> str:
    """Hides the values of passwords, tokens, cookies and API keys, and credentials in URLs."""
    lower = text.lower()
    if any(mark in lower for mark in _MARKS):
        for pattern in (_WHOLE, _NAMED, _SCHEME, _URL):
            text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text
