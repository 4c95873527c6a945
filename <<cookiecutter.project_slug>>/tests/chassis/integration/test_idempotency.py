"""Idempotency keys over HTTP: a repeated request is done once, however often and however fast it comes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

PATH = "/v1/things"
AT_ONCE = 50
ROUNDS = 3
NAMES = ["First", "", "ü𝄞", '"\\', " ", "x" * 80]


def key() -> dict[str, str]:
    """Returns a header with a new key."""
    return {"Idempotency-Key": str(uuid4())}


@pytest.mark.parametrize("name", NAMES)
def test_a_repeated_request_is_answered_as_the_first(client: FlaskClient, name: str) -> None:
    headers = key()
    first, *repeated = (client.post(PATH, json={"name": name}, headers=headers) for _ in range(3))
    assert first.status_code == 201
    for answer in repeated:
        assert answer.headers.pop("Idempotent-Replayed") == "true"
        assert (answer.status_code, answer.data) == (first.status_code, first.data)
        assert answer.headers.to_wsgi_list() == first.headers.to_wsgi_list()
    assert client.get(PATH).get_json()["items"] == [first.get_json()]


def test_a_refusal_of_the_domain_is_answered_as_the_first(client: FlaskClient) -> None:
    client.post(PATH, json={"name": "First"})
    headers = key()
    first, repeated = (client.post(PATH, json={"name": "First"}, headers=headers) for _ in range(2))
    assert first.status_code == 409
    assert first.get_json()["detail"] == "The name is taken."
    assert repeated.get_json() == first.get_json()


def test_another_body_is_refused_and_other_workers_know_the_key(
    make_app: Callable[..., Flask], settings: Any, client: FlaskClient
) -> None:
    headers = key()
    assert client.post(PATH, json={"name": "First"}, headers=headers).status_code == 201
    assert client.post(PATH, json={"name": "Second"}, headers=headers).status_code == 422
<% if cookiecutter.__has_database %>
    other = make_app(settings).test_client()
    assert other.post(PATH, json={"name": "Second"}, headers=headers).status_code == 422
    assert other.post(PATH, json={"name": "First"}, headers=headers).status_code == 201
<% endif %>
    assert len(client.get(PATH).get_json()["items"]) == 1


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_that_is_none_is_a_400(client: FlaskClient, key: str) -> None:
    refused = client.post(PATH, json={"name": "First"}, headers={"Idempotency-Key": key})
    assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")
    assert client.get(PATH).get_json()["items"] == []


@pytest.fixture
def clients() -> Iterator[list[requests.Session]]:
    """Clients with connections of their own."""
    sessions = [requests.Session() for _ in range(AT_ONCE)]
    yield sessions
    for session in sessions:
        session.close()


def test_of_many_requests_at_once_one_is_done(
    start_server: Callable[..., Any], clients: list[requests.Session]
) -> None:
    url = f"{start_server().url}{PATH}"
    barrier = Barrier(AT_ONCE)

    def send(client: requests.Session, body: dict[str, str], headers: dict[str, str]) -> Any:
        barrier.wait(60)
        return client.post(url, json=body, headers=headers, timeout=60)

    for number in range(ROUNDS):
        body, headers = {"name": f"Thing {number}"}, key()
        with ThreadPoolExecutor(AT_ONCE) as threads:
            answers = [*threads.map(send, clients, [body] * AT_ONCE, [headers] * AT_ONCE)]
        assert {answer.status_code for answer in answers} <= {201, 409}
        done = [answer for answer in answers if answer.status_code == 201]
        assert [answer.headers.get("Idempotent-Replayed") for answer in done].count(None) == 1
        assert len({answer.content for answer in done}) == 1
        refused = {answer.json()["detail"] for answer in answers if answer.status_code == 409}
        assert refused <= {"The first request with this key is still running."}
        assert client_of(url, body, headers) == done[0].json()
        assert len(requests.get(url, timeout=60).json()["items"]) == number + 1


def client_of(url: str, body: dict[str, str], headers: dict[str, str]) -> Any:
    """Returns what one more client gets."""
    answer = requests.post(url, json=body, headers=headers, timeout=60)
    assert answer.headers["Idempotent-Replayed"] == "true"
    return answer.json()
