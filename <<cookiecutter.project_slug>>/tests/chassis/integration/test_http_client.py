"""Calls to others under gunicorn: a sick service costs its callers little."""

import threading
import time
from collections.abc import Callable
from typing import Any

<% if cookiecutter.database == 'postgresql' %>
import pytest
<% endif %>
import requests

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
PATH = "/v1/things"
SETTINGS = {
    "APP_SERVER__DRAIN_DELAY": "0",
<% if cookiecutter.__has_database %>
    "APP_SERVER__WORKERS": "1",
<% endif %>
    "APP_UPSTREAMS__STOCK__READ_TIMEOUT": "0.4",
    "APP_UPSTREAMS__STOCK__TIMEOUT": "1",
    "APP_UPSTREAMS__STOCK__RESET_AFTER": "0.5",
}


def test_a_service_that_gets_sick_and_well_again(
    start_server: Callable[..., Any], peer: Any
) -> None:
    server = start_server(APP_UPSTREAMS__STOCK__URL=peer.url, **SETTINGS)
    body = {"name": "First"}
    url = server.url + requests.post(server.url + PATH, json=body, timeout=5).headers["Location"]
    stock = f"{url}/stock"
    assert requests.get(stock, timeout=5).json()["items"]
    for behaviour, status in (("hang", 504), ("drip", 504), ("babble", 503), ("break_off", 502)):
        peer.behave(behaviour)
        started = time.monotonic()
        assert requests.get(stock, timeout=5).status_code == status, behaviour
        assert time.monotonic() - started < 1.5
    # The fifth failure in a row opens the circuit.
    assert requests.get(stock, timeout=5).status_code == 502
    started = time.monotonic()
    refused = requests.get(stock, timeout=5)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert time.monotonic() - started < 0.1
    peer.behave("well")
    time.sleep(0.6)
    assert requests.get(stock, timeout=5).status_code == 200
    # A caller in a hurry says nothing of the service: six of them do not open the circuit.
    peer.behave("drip")
    hurry = {"X-Envoy-Expected-Rq-Timeout-Ms": "300"}
    for _ in range(6):
        assert requests.get(stock, headers=hurry, timeout=5).status_code == 504
    peer.behave("flood")
    refused = requests.get(stock, timeout=5)
    assert (refused.status_code, refused.json()["detail"]) == (
        502,
        "stock gave an answer that is too large.",
    )


def test_others_are_served_while_calls_hang(start_server: Callable[..., Any], peer: Any) -> None:
    server = start_server(
        APP_UPSTREAMS__STOCK__URL=peer.url,
        APP_UPSTREAMS__STOCK__FAILURES="1000",
        **SETTINGS,
    )
    body = {"name": "First"}
    url = server.url + requests.post(server.url + PATH, json=body, timeout=5).headers["Location"]
    peer.behave("hang")
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(requests.get(f"{url}/stock", timeout=5).status_code)

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for thread in threads:
        thread.start()
    assert requests.get(url, timeout=5).ok
    for thread in threads:
        thread.join()
    assert set(statuses) <= {503, 504}
    assert 504 in statuses
