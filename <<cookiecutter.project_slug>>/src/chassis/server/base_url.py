"""The base URL of a request: scheme, host and path prefix, from the client or a proxy."""

import re
from functools import lru_cache
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest
from werkzeug.urls import uri_to_iri

# The characters of a URI (RFC 3986, section 3.2.2) that names and addresses use.
_HOST = re.compile(r"([A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{0,5})?")
# Absolute, without an empty first segment, which would be another host, and without dot segments.
_PREFIX = re.compile(r"(/(?!\.{0,2}(/|$))[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*/?")
_INVALID = "invalid_base_url"
# A name that no host has (RFC 2606, section 2).
_PLACEHOLDER = {
    "wsgi.url_scheme": "http",
    "HTTP_HOST": "invalid",
    "SERVER_NAME": "invalid",
    "SERVER_PORT": "80",
    "SCRIPT_NAME": "",
    _INVALID: True,
}


def init_app(app: Flask) -> None:
    """Refuses a request whose base URL is not valid with 400 (RFC 9112, section 3.2).

    The request gets a placeholder as its base URL, so that the hooks registered before can trace and count it.
    """
    serve: Any = app.wsgi_app

    def check(environ: dict[str, Any], start_response: Any) -> Any:
        host = environ.get("HTTP_HOST")
        if host is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.1":
            # HTTP/1.0 does not require the header.
            host = "localhost"
        scheme, prefix = environ["wsgi.url_scheme"], environ.get("SCRIPT_NAME", "")
        if not is_valid(scheme, host or "", prefix):
            environ.update(_PLACEHOLDER)
        return serve(environ, start_response)

    app.wsgi_app = check  # type: ignore[method-assign]
    app.before_request(_refuse)


@lru_cache(maxsize=128)
def is_valid(scheme: str, host: str, prefix: str) -> bool:
    """Whether these parts make a valid URL of the host."""
    if scheme.lower() not in ("http", "https"):
        return False
    if not _HOST.fullmatch(host) or not _PREFIX.fullmatch(prefix):
        return False
    try:
        # What `request.url` does: it decodes names, and knows addresses and ports. From Python 3.13 on it
        # passes over names that IDNA does not know.
        host.encode().decode("idna")
        uri_to_iri(f"{scheme}://{host}/")
    except ValueError:
        return False
    return True


def _refuse() -> None:
    if _INVALID in request.environ:
        raise BadRequest("The host, the scheme or the path prefix of the request is not valid.")
