"""The base URL of a request: no part of it makes a hook fail, and what is none is refused."""

from collections.abc import Callable

import pytest
from flask import Flask, request
from werkzeug import Response
from werkzeug.test import create_environ

from chassis import tracing
from chassis.contract import problems, serialization
from chassis.server import base_url

HOSTS = ["example.com", "example.com.", "a_b", "xn--caf-dma", "a:", "a:80", "192.0.2.1", "[::1]:80"]
NO_HOSTS = [
    "",
    " ",
    "a b",
    "a@b",
    "a:b:c",
    "a:99999",
    "a:-1",
    "a:\u00b2",
    "a/b",
    "a?b",
    "a\\b",
    "a,b",
    "a..b" * 100,
    "caf\u00e9",
    "xn--a",
    "xn--a.xn--b:80",
    "[::1",
    "[zz]",
    "[:::::]",
    "a" * 8000,
    "<script>",
]
PREFIXES = ["", "/", "/api", "/api/", "/a/b.c/~d", "/a%20b", "/..."]
NO_PREFIXES = [
    "api",
    "//evil.example",
    "/\\evil.example",
    "/a//b",
    "/a/../b",
    "/.",
    "/a b",
    "/a?b",
    "/a#b",
    "/caf\u00e9",
    "/a\n",
    "https://x",
]


@pytest.fixture
def hooked() -> list[str]:
    """The URLs that a hook has read."""
    return []


@pytest.fixture
def ask(hooked: list[str]) -> Callable[..., Response]:
    """Asks an application whose hook reads the URL."""
    app = Flask(__name__)
    serialization.init_app(app)
    tracing.init_app(app)
    app.before_request(lambda: hooked.append(request.url))
    problems.init_app(app, {})
    base_url.init_app(app)
    app.add_url_rule("/", view_func=lambda: "")

    # Flask's client would read the URL by itself.
    def asked(path: str, given: dict[str, str], without: str = "") -> Response:
        environ = {**create_environ(path), **given}
        environ.pop(without, None)
        return Response.from_app(app, environ)

    return asked


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_a_url_is_answered(ask: Callable[..., Response], host: str, prefix: str) -> None:
    for scheme in ("http", "https"):
        given = {"wsgi.url_scheme": scheme, "HTTP_HOST": host, "SCRIPT_NAME": prefix}
        assert ask("/", given).status_code == 200


@pytest.mark.parametrize(
    "given",
    [
        *({"HTTP_HOST": host} for host in NO_HOSTS),
        *({"HTTP_HOST": "a:80", "SCRIPT_NAME": prefix} for prefix in NO_PREFIXES),
        *({"wsgi.url_scheme": scheme} for scheme in ("javascript", "", "https://x", "\u00e9")),
    ],
)
def test_what_is_none_is_refused_after_the_hooks(
    ask: Callable[..., Response], hooked: list[str], given: dict[str, str]
) -> None:
    for path in ("/", "/unknown"):
        answer = ask(path, given)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert len(answer.get_json()["trace"]) == 32
    assert hooked == ["http://invalid/", "http://invalid/unknown"]


def test_a_host_is_needed_since_http_1_1(ask: Callable[..., Response]) -> None:
    for protocol, status in (("HTTP/1.0", 200), ("HTTP/1.1", 400)):
        answer = ask("/", {"SERVER_PROTOCOL": protocol}, without="HTTP_HOST")
        assert answer.status_code == status
