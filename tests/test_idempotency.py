"""Idempotency keys of the default service as it runs: several workers, PostgreSQL, and a worker that is killed."""

import os
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
import requests

from .live import Database, Service, wait_for

COLORS = "/v1/colors"
RED = {"name": "Red", "category": "warm"}
AT_ONCE = 50
LEASE_SECONDS = 4
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO colors%'"


def post(service: Service, key: str, **fields: str) -> requests.Response:
    """Sends a request with a key, over a connection of its own."""
    headers = {"Idempotency-Key": key}
    return service.request("POST", COLORS, json=RED | fields, headers=headers)


@pytest.mark.timeout(120)
def test_of_many_requests_at_once_one_is_done(
    default: Path, database: Database, tmp_path: Path
) -> None:
    barrier = Barrier(AT_ONCE)

    def send(key: str) -> requests.Response:
        barrier.wait(60)
        return post(service, key, name=key)

    with Service(default, tmp_path, **database.variables) as service:
        wait_for(lambda: len(service.workers()) == 2, "second worker")
        for _ in range(5):
            key = str(uuid4())
            with ThreadPoolExecutor(AT_ONCE) as pool:
                answers = [*pool.map(send, [key] * AT_ONCE)]
            statuses = Counter(answer.status_code for answer in answers)
            assert statuses.keys() <= {201, 409}
            (created,) = {answer.content for answer in answers if answer.ok}
            assert post(service, key, name=key).content == created
            assert database.run(f"SELECT count(*) FROM colors WHERE name = '{key}'") == [(1,)]
            assert post(service, key, name="Other").status_code == 422
    assert database.run("SELECT count(*) FROM colors") == [(5,)]


@pytest.mark.timeout(120)
def test_a_worker_that_is_killed_keeps_its_key_until_the_lease_ends(
    default: Path, database: Database, tmp_path: Path
) -> None:
    lease = {"APP_API__IDEMPOTENCY_LEASE": str(LEASE_SECONDS)}
    key = str(uuid4())
    with (
        Service(default, tmp_path, **database.variables, **lease) as service,
        ThreadPoolExecutor(1) as pool,
    ):
        wait_for(lambda: len(service.workers()) == 2, "second worker")
        with database.connect() as blocker, blocker.transaction():
            blocker.execute("LOCK TABLE colors IN SHARE MODE")
            first = pool.submit(post, service, key)
            wait_for(lambda: database.run(WAITING) == [(1,)], "the change of the first request")
            begin = time.monotonic()
            running = post(service, key)
            assert (running.status_code, running.headers["Retry-After"]) == (409, "1")
            for worker in service.workers():
                os.kill(worker, signal.SIGKILL)
            with pytest.raises(requests.ConnectionError):
                first.result()
        wait_for(service.ready, "other workers")
        again = wait_for(lambda: answered(service, key), "end of the lease", 4 * LEASE_SECONDS)
        assert time.monotonic() - begin > LEASE_SECONDS / 2
        assert again.status_code == 201
        assert "Idempotent-Replayed" not in again.headers
        assert post(service, key).json() == again.json()
    assert database.run("SELECT name FROM colors") == [("Red",)]


def answered(service: Service, key: str) -> requests.Response | None:
    """Returns the answer to a request with a key, unless another one is still running."""
    answer = post(service, key)
    return None if answer.status_code == 409 else answer
