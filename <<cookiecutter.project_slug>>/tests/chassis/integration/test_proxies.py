"""Reverse proxies: their headers count if the proxies are trusted."""

from collections.abc import Callable

import pytest
from flask import Flask, request
from tests.chassis.domain.settings import Settings

PATH = "/v1/things"
HEADERS = {
    "X-Forwarded-For": "192.0.2.1",
    "X-Forwarded-Host": "api.example.com",
    "X-Forwarded-Prefix": "/prefix",
    "X-Forwarded-Proto": "https",
}


@pytest.fixture
def behind(settings: Settings, make_app: Callable[..., Flask]) -> Callable[[int], Flask]:
    """Makes an application behind a number of proxies."""

    def make(proxies: int) -> Flask:
        api = settings.api.model_copy(update={"proxies": proxies})
        return make_app(settings.model_copy(update={"api": api}))

    return make


@pytest.mark.parametrize(("proxies", "prefix"), [(0, ""), (1, "/prefix")])
def test_links_and_the_contract_have_the_prefix(
    behind: Callable[[int], Flask], proxies: int, prefix: str
) -> None:
    client = behind(proxies).test_client()
    body = {"name": "First"}
    created = client.post(PATH, json=body, headers=HEADERS)
    assert (created.status_code, created.location) == (
        201,
        f"{prefix}{PATH}/{created.get_json()['number']}",
    )
    (server,) = client.get("/openapi.json", headers=HEADERS).get_json()["servers"]
    assert server["url"] == f"{prefix}/v1"


@pytest.mark.parametrize(
    ("proxies", "origin"),
    [(0, "127.0.0.1 http://localhost/"), (1, "192.0.2.1 https://api.example.com/")],
)
def test_the_origin_of_a_request_is_what_the_proxy_tells(
    behind: Callable[[int], Flask], proxies: int, origin: str
) -> None:
    app = behind(proxies)
    app.add_url_rule("/origin", view_func=lambda: f"{request.remote_addr} {request.host_url}")
    assert app.test_client().get("/origin", headers=HEADERS).text == origin


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-Host", "xn--a"),
        ("X-Forwarded-Host", "a:b:c"),
        ("X-Forwarded-Prefix", "api"),
        ("X-Forwarded-Prefix", "//evil.example"),
        ("X-Forwarded-Proto", "javascript"),
    ],
)
def test_what_makes_no_url_is_refused_if_proxies_are_believed(
    behind: Callable[[int], Flask], header: str, value: str
) -> None:
    for proxies, status in ((0, 200), (1, 400), (2, 200)):
        answer = behind(proxies).test_client().get(PATH, headers={header: value})
        assert answer.status_code == status
        assert status == 200 or len(answer.get_json()["trace"]) == 32
