"""The circuit breaker: it opens, waits, tries once, and closes."""

import threading

import pytest

from chassis.calls.circuit_breaker import CircuitBreaker, State


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("peer", failures=3, reset_after=10, clock=clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        assert breaker.admit() == 0
        breaker.report(success=False)


def test_it_stays_closed_while_failures_are_not_in_a_row(breaker: CircuitBreaker) -> None:
    for _ in range(5):
        fail(breaker, 2)
        breaker.report(success=True)
    assert breaker.state is State.CLOSED


def test_it_opens_and_tells_how_long_to_wait(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    assert breaker.state is State.OPEN
    clock.now += 4
    assert breaker.admit() == 6


def test_a_single_trial_closes_it_again(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    admitted = []
    threads = [
        threading.Thread(target=lambda: admitted.append(breaker.admit() == 0)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert admitted.count(True) == 1
    states = [breaker.state]
    breaker.report(success=True)
    states.append(breaker.state)
    assert states == [State.HALF_OPEN, State.CLOSED]
    assert breaker.admit() == 0


def test_a_trial_that_fails_opens_it_again(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    fail(breaker, 1)
    assert breaker.state is State.OPEN
    assert breaker.admit() == 10


def test_a_trial_without_an_outcome_is_no_trial(breaker: CircuitBreaker, clock: Clock) -> None:
    fail(breaker, 3)
    clock.now += 10
    assert breaker.admit() == 0
    breaker.release()
    assert breaker.admit() == 0
    breaker.report(success=True)
    breaker.release()
    assert breaker.state is State.CLOSED


def test_a_trial_of_which_nothing_is_heard_is_followed_by_another(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker, 3)
    clock.now += 10
    assert breaker.admit() == 0
    assert breaker.admit() == 10
    clock.now += 10
    assert breaker.admit() == 0
