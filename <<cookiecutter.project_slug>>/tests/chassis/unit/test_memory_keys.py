"""Idempotency keys that are in the memory of the process, and what they are without a limit of time."""

import time

import pytest

from chassis.contract import Answer, Entry, Lease
from chassis.idempotency import memory
from chassis.resources.memory import MemoryUnitOfWork

ANSWER = Answer(201, [("Location", "/things/1")], b"{}")


class Keys(memory.MemoryKeys):
    """Keys with a unit of work of their own."""

    def __init__(self, ttl: float = 100, lease: float = 100) -> None:
        unit_of_work = MemoryUnitOfWork()
        super().__init__(lambda: unit_of_work, ttl, lease)

    def taken(self, key: str = "key", fingerprint: str = "print") -> Lease:
        """Takes a key that is free."""
        lease = self.take(key, fingerprint)
        assert isinstance(lease, Lease)
        return lease

    def answer(self, key: str = "key", answer: Answer = ANSWER) -> None:
        """Answers a request with a key that is free."""
        lease = self.taken(key)
        with self.unit_of_work():
            assert self.keep(lease, answer)


def test_a_key_is_running_and_then_has_its_answer() -> None:
    keys = Keys()
    lease = keys.taken()
    assert keys.take("key", "other") == Entry("print", None)
    with keys.unit_of_work():
        assert keys.keep(lease, ANSWER)
    assert keys.take("key", "print") == Entry("print", ANSWER)
    keys.release(lease)
    assert keys.take("key", "print") == Entry("print", ANSWER)


def test_a_key_that_is_released_is_free() -> None:
    keys = Keys()
    keys.release(keys.taken())
    keys.answer()


def test_a_unit_of_work_that_fails_takes_the_answer_back() -> None:
    keys = Keys()
    lease = keys.taken()

    def fail() -> None:
        with keys.unit_of_work():
            assert keys.keep(lease, ANSWER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert keys.take("key", "print") == Entry("print", None)
    keys.release(lease)
    keys.answer()


def test_a_lease_that_is_over_is_given_to_the_same_request_and_stores_nothing() -> None:
    keys = Keys(lease=0.01)
    late = keys.taken()
    time.sleep(0.02)
    assert keys.take("key", "other") == Entry("print", None)
    keys.answer()
    with keys.unit_of_work():
        assert not keys.keep(late, ANSWER)
    keys.release(late)
    assert keys.take("key", "print") == Entry("print", ANSWER)


def test_an_old_key_is_free_for_any_request_and_others_remove_it() -> None:
    keys = Keys(ttl=0.01)
    keys.answer("old")
    keys.answer()
    time.sleep(0.02)
    assert keys.taken(fingerprint="other")
    assert "old" not in keys._stored


def test_there_are_only_so_many_keys_and_running_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "MAX_KEYS", 3)
    keys = Keys()
    keys.taken("running")
    for number in range(10):
        keys.answer(str(number))
    assert [*keys._stored] == ["running", "8", "9"]


def test_answers_are_only_so_large_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_BYTES", 30)
    keys = Keys()
    for number in range(10):
        keys.answer(str(number), ANSWER._replace(body=b"x" * 10))
    keys.taken("running")
    assert [*keys._stored] == ["7", "8", "9", "running"]
    keys.answer("large", ANSWER._replace(body=b"x" * 100))
    keys.taken("next")
    assert [*keys._stored] == ["running", "next"]
