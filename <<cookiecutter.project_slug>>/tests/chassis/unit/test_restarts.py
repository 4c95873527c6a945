"""Restarts: a worker that dies is replaced at once, unless workers die in a row."""

import os
import signal
import time
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.server import restarts


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(restarts, "time", clock)
    monkeypatch.setattr(restarts, "_deaths", 0)
    monkeypatch.setattr(restarts, "_last_death", 0.0)
    return clock


def start(workers: int = 2) -> Any:
    worker = SimpleNamespace(alive=True)
    restarts.prepare(worker, workers)
    return worker


def pauses(clock: Clock, count: int, life: float, **attributes: Any) -> list[float]:
    """How long each worker has to wait if each of them lives that long."""
    waited = []
    for _ in range(count):
        worker = start()
        waited.append(worker.pause)
        clock.now = worker.starts_at + life
        if attributes:
            vars(worker).update(attributes)
            restarts.mark_ended(worker)
        restarts.count_death(worker)
    return waited


def test_workers_that_die_right_after_their_start_wait_longer_and_longer(clock: Clock) -> None:
    assert pauses(clock, 8, life=0.1) == [0, 0, 0, 1, 2, 4, 5, 5]


def test_workers_that_have_served_are_replaced_at_once(clock: Clock) -> None:
    pauses(clock, 8, life=0.1)
    assert pauses(clock, 8, life=6)[1:] == [0] * 7


def test_workers_that_end_by_themselves_are_replaced_at_once(clock: Clock) -> None:
    assert pauses(clock, 8, life=0.1, alive=False) == [0] * 8


def test_workers_that_raise_wait(clock: Clock) -> None:
    assert pauses(clock, 5, life=0.1, alive=True) == [0, 0, 0, 1, 2]


def test_deaths_long_ago_are_forgotten(clock: Clock) -> None:
    pauses(clock, 8, life=0.1)
    clock.now += 61
    assert pauses(clock, 4, life=0.1) == [0, 0, 0, 1]


def test_a_worker_that_waits_shows_that_it_lives_and_can_be_ended(clock: Clock) -> None:
    notified = []
    worker = SimpleNamespace(pause=2.0, starts_at=clock.now + 2, notify=lambda: notified.append(1))
    handlers = {number: signal.getsignal(number) for number in (2, 3, 15)}
    try:
        restarts.wait(worker)
        assert {signal.getsignal(number) for number in handlers} == {signal.SIG_DFL}
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert (clock.now, len(notified)) == (1002, 4)


def test_the_end_of_a_worker_is_known_to_the_first_process() -> None:
    worker = start()
    if not os.fork():
        worker.alive = False
        restarts.mark_ended(worker)
        os._exit(0)
    os.wait()
    assert worker.has_ended[0]
    assert time.monotonic() >= worker.starts_at
