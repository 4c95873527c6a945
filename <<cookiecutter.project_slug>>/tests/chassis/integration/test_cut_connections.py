"""A connection to PostgreSQL that is lost at any step: the key makes the repetition of the request safe."""

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session
from tests.chassis.domain.settings import Settings
from tests.chassis.fixtures.cuts import CuttingProxy
from werkzeug.test import TestResponse

from chassis.contract import Answer, Lease
from chassis.idempotency.sql import SqlKeys

pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

PATH = "/v1/things"
LEASE_SECONDS = 0.5
MOST_STEPS = 30


@pytest.fixture
def proxy(settings: Settings) -> Iterator[CuttingProxy]:
    with CuttingProxy(make_url(settings.database.url.get_secret_value())) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: CuttingProxy, make_app: Callable[..., Flask]) -> FlaskClient:
    url = proxy.url.render_as_string(hide_password=False)
    parts: Any = {"database": {"url": url}, "api": {"idempotency_lease": LEASE_SECONDS}}
    return make_app(Settings(environment="development", **parts)).test_client()


def post(client: FlaskClient, name: str, headers: dict[str, str]) -> TestResponse:
    return client.post(PATH, json={"name": name}, headers=headers)


def repeated(client: FlaskClient, name: str, headers: dict[str, str]) -> TestResponse:
    """Repeats a request as long as its key is in use."""
    end = time.monotonic() + 10 * LEASE_SECONDS
    while time.monotonic() < end:
        answer = post(client, name, headers)
        if answer.status_code != 409 or "still running" not in answer.get_json()["detail"]:
            return answer
        time.sleep(LEASE_SECONDS / 5)
    pytest.fail("the key is in use for longer than its lease")


def names(client: FlaskClient) -> list[str]:
    return [item["name"] for item in client.get(PATH).get_json()["items"]]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("taken", [False, True], ids=["created", "refused"])
def test_a_repeated_request_has_the_one_right_answer_wherever_the_first_was_cut(
    client: FlaskClient, proxy: CuttingProxy, taken: bool, after: bool
) -> None:
    status = 409 if taken else 201
    first: list[int] = []
    replayed: list[bool] = []
    for step in range(MOST_STEPS):
        name, headers = f"Thing {step}", {"Idempotency-Key": str(uuid4())}
        if taken:
            assert post(client, name, {}).status_code == 201
        # It has a connection now, if the last one was lost.
        assert names(client).count(name) == taken
        proxy.cut(step, after=after)
        answer = post(client, name, headers)
        was_cut = proxy.has_cut()
        again = repeated(client, name, headers)
        assert again.status_code == status, again.text
        assert names(client).count(name) == 1
        if answer.status_code == status:
            assert answer.get_json() == again.get_json()
        else:
            assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
            assert was_cut
        if not was_cut:
            break
        first.append(answer.status_code)
        replayed.append("Idempotent-Replayed" in again.headers)
    # The key, the beginning, the change, the answer, old keys, the end: each was cut.
    assert 6 <= len(first) < MOST_STEPS - 1
    assert set(first) <= {503, status}
    # Only the end of the transaction can be done without the client being told.
    assert replayed.count(True) == after, replayed


def test_a_transaction_that_may_still_end_keeps_its_key(client: FlaskClient) -> None:
    """The server has not noticed yet that its client is gone: nobody waits, and nobody gets the key."""
    app = client.application
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine
    with Session(engine) as first, Session(engine) as second:
        keys = SqlKeys(first, ttl=100, lease=100)
        lease = keys.take("key", "print")
        assert isinstance(lease, Lease)
        with keys.unit_of_work():
            assert keys.keep(lease, Answer(201, [], b""))
            begin = time.monotonic()
            SqlKeys(second, ttl=100, lease=100).release(lease)
            assert time.monotonic() - begin < 1
    with engine.connect() as connection:
        assert connection.execute(text("SELECT status FROM idempotency_keys")).scalar_one() == 201


def test_who_removes_old_keys_waits_for_nobody_who_does(client: FlaskClient) -> None:
    app = client.application
    with app.app_context():
        engine: Engine = app.extensions["sqlalchemy"].engine

    def answer(session: Session, key: str, ttl: float = 100) -> Iterator[None]:
        keys = SqlKeys(session, ttl=ttl, lease=100)
        lease = keys.take(key, "print")
        assert isinstance(lease, Lease)
        with keys.unit_of_work():
            assert keys.keep(lease, Answer(201, [], b""))
            yield

    with Session(engine) as first, Session(engine) as second:
        for _ in answer(first, "old", ttl=0):
            pass
        for _ in answer(first, "a"):
            for _ in answer(second, "b"):
                pass
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id FROM idempotency_keys ORDER BY id"))
        assert found.scalars().all() == ["a", "b"]


def test_the_proxy_cuts_once(proxy: CuttingProxy) -> None:
    engine = create_engine(proxy.url)
    with engine.connect() as connection:
        proxy.cut(0, after=False)
        with pytest.raises(Exception, match="server closed the connection"):
            connection.execute(text("SELECT 1"))
    assert proxy.has_cut()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert not proxy.has_cut()
    engine.dispose()
