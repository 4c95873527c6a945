"""Retries: where they are safe, and as long as the budget lasts."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, ProtocolError, SSLError

from chassis.calls import retries
from chassis.calls.retries import Budget, BudgetedRetry, RetryingAdapter
from chassis.settings.upstreams import UpstreamSettings

Ask = Callable[..., int]


@pytest.fixture
def budget() -> Budget:
    return Budget()


@pytest.fixture
def ask(
    peer: Any, budget: Budget, settings_for_peer: Callable[..., UpstreamSettings]
) -> Callable[..., int]:
    """Asks a service that is overloaded, and returns how often it was asked."""
    peer.status = 503

    def asked(method: str, **headers: str) -> int:
        before = len(peer.asked)
        with requests.Session() as session:
            session.mount(peer.url, RetryingAdapter(settings_for_peer(peer.url, retries=2), budget))
            session.request(method, peer.url, headers=headers, timeout=5)
        return len(peer.asked) - before

    return asked


def test_only_what_is_idempotent_is_repeated(ask: Ask) -> None:
    assert ask("GET") == 3
    assert ask("POST") == 1
    assert ask("POST", **{"Idempotency-Key": "5"}) == 3


def test_what_may_have_arrived_is_not_repeated(budget: Budget) -> None:
    retry = BudgetedRetry.within(budget, 2)
    with pytest.raises(MaxRetryError):
        retry.increment("POST", "/things", error=SSLError("broken"))


def test_all_retries_are_made_at_different_moments(budget: Budget) -> None:
    for number, least in ((1, 0.1), (2, 0.2), (3, 0.4)):
        retry = BudgetedRetry.within(budget, 5)
        for _ in range(number):
            retry = retry.increment("GET", "/things", error=ProtocolError("broken"))
        waits = {retry.get_backoff_time() for _ in range(20)}
        assert len(waits) > 1
        assert all(least <= wait <= least + 0.1 for wait in waits)


def test_an_answer_that_is_final_is_not_repeated(ask: Ask, peer: Any) -> None:
    peer.status = 404
    assert ask("GET") == 1


def test_a_call_that_succeeds_the_second_time_succeeds(ask: Ask, peer: Any) -> None:
    answer = peer.answers

    def recover(handler: Any) -> None:
        peer.status = 503 if len(peer.asked) == 1 else 200
        answer(handler)

    peer.answers = recover
    assert ask("GET") == 2


def test_nobody_is_waited_for_longer_than_is_sensible(
    ask: Ask, peer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert retries.MAX_WAIT_SECONDS <= 2
    monkeypatch.setattr(retries, "MAX_WAIT_SECONDS", 0.1)
    peer.headers = {"Retry-After": "3600"}
    assert ask("GET") == 3


def test_when_the_budget_is_spent_there_are_no_retries(ask: Ask, budget: Budget) -> None:
    while budget.spend():
        pass
    assert ask("GET") == 1
    for _ in range(11):
        budget.earn()
    assert ask("GET") == 2
