"""Overload: a server that is asked for more than it can do answers as many requests as before."""

from collections.abc import Callable
from typing import Any

from tests.chassis.fixtures.arrivals import arrive

APPLICATION = "tests.chassis.domain.computing:app"
# A request takes 10 ms of the processor, and there may be one processor or several, with other work.
RATE = 100
MAX_WAIT = 0.5


def test_it_answers_what_it_can_and_refuses_the_rest(
    gunicorn: list[str], start_server: Callable[..., Any]
) -> None:
    gunicorn.append(APPLICATION)
    try:
        server = start_server(APP_SERVER__MAX_WAIT=str(MAX_WAIT))
    finally:
        gunicorn.pop()
    crowded = arrive(server.url, "/computes", rate=5 * RATE, seconds=4)
    # No request is lost: each is answered or refused.
    assert set(crowded.statuses) == {200, 503}
    assert b"application/problem+json" in crowded.refusal
    assert b"Retry-After: 2" in crowded.refusal
    assert crowded.in_time(MAX_WAIT + 1.5) > 0.9 * crowded.statuses[200] > 0.1 * RATE * 4
    assert crowded.probes
    assert not crowded.lost_probes
    after = arrive(server.url, "/computes", rate=RATE / 10, seconds=2)
    assert set(after.statuses) == {200}
