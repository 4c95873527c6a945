"""Overload: a server that is asked for more than it can do answers as many requests as before."""

from collections.abc import Callable
from typing import Any

from tests.chassis.fixtures.arrivals import arrive, capacity

APPLICATION = "tests.chassis.domain.computing:app"
MAX_WAIT = 1
SECONDS = 4


def test_it_answers_what_it_can_and_refuses_the_rest(
    gunicorn: list[str], start_server: Callable[..., Any]
) -> None:
    gunicorn.append(APPLICATION)
    try:
        server = start_server(APP_SERVER__MAX_WAIT=str(MAX_WAIT))
    finally:
        gunicorn.pop()
    # There may be one processor or several, with other work.
    possible = capacity(server.url, "/computes", clients=4, seconds=2)
    crowded = arrive(server.url, "/computes", rate=4 * possible, seconds=SECONDS)
    # No request is lost: each is answered or refused.
    assert set(crowded.statuses) == {200, 503}
    assert b"application/problem+json" in crowded.refusal
    assert b"Retry-After: 2" in crowded.refusal
    assert crowded.in_time(MAX_WAIT + 1.5) > 0.9 * crowded.statuses[200]
    assert crowded.statuses[200] > 0.2 * possible * SECONDS
    assert crowded.probes
    assert not crowded.lost_probes
    after = arrive(server.url, "/computes", rate=possible / 10, seconds=2)
    assert set(after.statuses) == {200}
