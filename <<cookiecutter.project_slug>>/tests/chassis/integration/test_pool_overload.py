"""Overload: requests that would wait for the database too long are refused."""

from collections.abc import Callable
from typing import Any

from tests.chassis.fixtures.arrivals import arrive

APPLICATION = "tests.chassis.domain.waiting:app"
# Two connections, each in use for 50 ms.
CAPACITY = 2 / 0.05
MAX_WAIT = 1
SECONDS = 4


def test_as_many_are_answered_in_time_as_without_overload(
    gunicorn: list[str], start_server: Callable[..., Any]
) -> None:
    gunicorn.append(APPLICATION)
    try:
        server = start_server(
            APP_SERVER__WORKERS="1",
            APP_SERVER__MAX_WAIT=str(MAX_WAIT),
            APP_DATABASE__POOL_SIZE="2",
            APP_DATABASE__MAX_OVERFLOW="0",
        )
    finally:
        gunicorn.pop()
    for times in (2, 5):
        crowded = arrive(server.url, "/waits", rate=times * CAPACITY, seconds=SECONDS)
        assert set(crowded.statuses) == {200, 503}
        # The machine may have other work.
        assert crowded.in_time(MAX_WAIT + 1) > 0.3 * CAPACITY * SECONDS
        assert crowded.probes
        assert not crowded.lost_probes
    after = arrive(server.url, "/waits", rate=CAPACITY / 4, seconds=1)
    assert set(after.statuses) == {200}
