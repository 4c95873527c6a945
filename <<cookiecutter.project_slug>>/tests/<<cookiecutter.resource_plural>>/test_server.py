"""The real server serves the << cookiecutter.__resource_plural_label >>, and logs<% if cookiecutter.tracing != 'none' %> and traces<% endif %> each request."""

from collections.abc import Callable
from typing import Any

<% if cookiecutter.database == 'postgresql' %>
import pytest
<% endif %>
import requests

from chassis import logs

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
PATH = "/v1/<< cookiecutter.__resource_path >>"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{SPAN}-01"}


<% if cookiecutter.tracing == 'none' %>
def test_it_serves_logs_and_ends_with_status_0(start_server: Callable[..., Any]) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0")
<% else %>
def test_it_serves_logs_traces_and_ends_with_status_0(
    start_server: Callable[..., Any], collector: Any
) -> None:
    server = start_server(APP_SERVER__DRAIN_DELAY="0", **collector.variables)
<% endif %>
    assert requests.get(f"{server.url}{PATH}", headers=HEADERS, timeout=5).ok
    refused = requests.get(f"{server.url}{PATH}", headers={"Host": "xn--a"}, timeout=5)
    assert (refused.status_code, len(refused.json()["trace"])) == (400, 32)
    server.terminate()
    assert server.wait() == 0
    lines = server.log_lines()
    assert all(set(line) >= logs.FIELDS for line in lines)
    (access,) = [line for line in lines if line["name"] == "gunicorn.access" and line["parent"]]
    assert (access["path"], access["status"], access["trace"]) == (PATH, 200, TRACE)
<% if cookiecutter.tracing != 'none' %>
    spans = collector.spans(TRACE, lambda found: any(span.parent == SPAN for span in found))
    (request,) = [span for span in spans if span.parent == SPAN]
    assert (request.name, request.span) == (f"GET {PATH}", access["span"])
<% endif %>
<% if cookiecutter.tracing != 'none' and cookiecutter.__has_database %>
    assert [span for span in spans if span.parent == request.span and span.statement]
<% endif %>
