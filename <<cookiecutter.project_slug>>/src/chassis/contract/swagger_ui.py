"""The contract at /openapi.json, and Swagger UI at /ui/ from files that are installed with it.

A second version of the API, served under /v2, has its document at /openapi-v2.json, and the page offers both.
"""

import json
from functools import partial
from importlib.resources import files
from typing import Any

from flask import Flask, Response, redirect, request, send_from_directory

from . import api

_ASSETS = str(files("flask_swagger_ui") / "dist")

# Links are relative, so the page works behind any path prefix; none leaves the host.
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>API</title>
  <link rel="stylesheet" href="swagger-ui.css">
  <link rel="icon" type="image/png" href="favicon-32x32.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="swagger-ui-bundle.js"></script>
%s  <script src="start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "../openapi.json",
  deepLinking: true,
  validatorUrl: null,
});
"""
# Of several documents one is chosen in the bar at the top, which is a part of another layout.
_CHOICE = '  <script src="swagger-ui-standalone-preset.js"></script>\n'
_START_WITH_CHOICE = """SwaggerUIBundle({
  dom_id: "#swagger-ui",
  urls: %s,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  validatorUrl: null,
});
"""


def init_app(app: Flask, *, enabled: bool, at_root: bool) -> None:
    """Serves the contract and, if enabled, the page to read and try it.

    Args:
        app: the application.
        enabled: whether there is a page, and not just the document.
        at_root: whether `/` leads to the page, where the contract has no path `/` of its own.
    """
    paths: dict[str, str] = {}
    for base, document in app.extensions[api.EXTENSION].items():
        suffix = base.replace("/", "-") if paths else ""
        paths[base.strip("/")] = f"/openapi{suffix}.json"
        app.add_url_rule(
            f"/openapi{suffix}.json", f"openapi{suffix}", partial(_with_prefix, document)
        )
    page = _PAGE % (_CHOICE if len(paths) > 1 else "")
    if enabled:
        app.add_url_rule("/ui", "swagger_ui_redirect", lambda: redirect("ui/"))
        app.add_url_rule("/ui/", "swagger_ui", lambda: Response(page))
        app.add_url_rule("/ui/start.js", "swagger_ui_start", partial(_start, paths))
        app.add_url_rule(
            "/ui/<path:filename>",
            "swagger_ui_asset",
            lambda filename: send_from_directory(_ASSETS, filename, max_age=3600),
        )
    if enabled and at_root and not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "swagger_ui_at_root", lambda: redirect("ui/"))


def _start(paths: dict[str, str]) -> Response:
    urls = json.dumps([{"name": name, "url": f"..{path}"} for name, path in paths.items()])
    start = _START_WITH_CHOICE % urls if len(paths) > 1 else _START
    return Response(start, mimetype="text/javascript")


def _with_prefix(document: dict[str, Any]) -> dict[str, Any]:
    """Names the servers as the client sees them: a proxy may serve them under a path prefix."""
    prefix = request.root_path
    if not prefix:
        return document
    servers = document.get("servers") or [{"url": "/"}]
    return {**document, "servers": [{**one, "url": _prefixed(one["url"])} for one in servers]}


def _prefixed(url: str) -> str:
    # Another host is not behind this proxy.
    return request.root_path + url if url.startswith("/") and not url.startswith("//") else url
