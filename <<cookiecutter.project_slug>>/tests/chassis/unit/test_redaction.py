"""Redaction: secrets are hidden, whatever they stand in, and nothing else is."""

import pytest

from chassis.redaction import redact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc.def.ghi", "Authorization: ***"),
        ("sent Bearer abc.def-ghi_jkl", "sent Bearer ***"),
        ("sent Basic dXNlcjpwYXNz==", "sent Basic ***"),
        ("Authorization: Token abc, def", "Authorization: ***"),
        ("{'Authorization': 'ApiKey abc', 'page': 2}", "{'Authorization': '***', 'page': 2}"),
        ("Cookie: theme=dark; session=abc", "Cookie: ***"),
        ("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***; Path=/"),
        ("GET /login?token=abc&page=2", "GET /login?token=***&page=2"),
        ("{'token': 'with a space', 'page': 2}", "{'token': ***, 'page': 2}"),
        ('{"api_key": "abc"}', '{"api_key": ***}'),
        ('{"token": "a\\"bc", "page": 2}', '{"token": ***, "page": 2}'),
        ("https://me:a@bc@host/path", "https://me:***@host/path"),
        ("https://me:a@b/c#d@host/path", "https://me:***@host/path"),
        ("X-API-Key: abc", "X-API-Key: ***"),
        ("no answer from https://me:abc@host/path", "no answer from https://me:***@host/path"),
    ],
)
def test_a_secret_is_hidden(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        '127.0.0.1 "GET /v1/things" 200 580 bytes 3 ms',
        "the token expired",
        "no authorization",
        "basic knowledge, a bearer of news",
        "https://host:8080/path",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redact(text) == text
