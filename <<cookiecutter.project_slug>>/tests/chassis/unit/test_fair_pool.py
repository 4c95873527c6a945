"""The pool's queue: first come, first served."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.util.queue import Empty, Full

from chassis.database.fair_pool import FairQueue, FairQueuePool

SECONDS = 10


def wait_in_line(queue: FairQueue[str], take: Callable[[], object]) -> threading.Thread:
    """Starts a thread that takes an item, and returns when it waits for one."""
    before = len(queue._waiters)
    thread = threading.Thread(target=take)
    thread.start()
    end = time.monotonic() + SECONDS
    while len(queue._waiters) == before:
        assert time.monotonic() < end
        time.sleep(0.001)
    return thread


def test_who_waits_longest_is_served_first() -> None:
    queue: FairQueue[str] = FairQueue(1)
    served: list[tuple[str, str]] = []
    threads = [
        wait_in_line(queue, lambda name=name: served.append((name, queue.get(timeout=SECONDS))))  # type: ignore[misc]
        for name in ("first", "second", "third")
    ]
    for thread, item in zip(threads, "abc", strict=True):
        queue.put(item)
        with pytest.raises(Empty):
            queue.get(block=False)
        thread.join()
    assert served == [("first", "a"), ("second", "b"), ("third", "c")]


def test_who_gives_up_is_passed_over() -> None:
    queue: FairQueue[str] = FairQueue(1)
    with pytest.raises(Empty):
        queue.get(timeout=0.01)
    queue.put("a")
    assert queue.get() == "a"


def test_what_arrives_for_someone_who_is_gone_is_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue: FairQueue[str] = FairQueue(1)

    def be_killed(arrival: threading.Event, timeout: float | None = None) -> bool:
        queue.put("a")
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Event, "wait", be_killed)
    with pytest.raises(KeyboardInterrupt):
        queue.get()
    assert queue.get(block=False) == "a"


@pytest.mark.parametrize(("use_lifo", "first"), [(False, "a"), (True, "b")])
def test_it_keeps_what_nobody_waits_for_up_to_its_size(use_lifo: bool, first: str) -> None:
    queue: FairQueue[str] = FairQueue(2, use_lifo)
    for item in "ab":
        queue.put(item)
    with pytest.raises(Full):
        queue.put("c")
    assert queue.get(block=False) == first
    assert queue.qsize() == 1


def test_the_pool_has_such_a_queue() -> None:
    limits = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01}
    engine = create_engine("sqlite://", poolclass=FairQueuePool, **limits)
    with engine.connect(), pytest.raises(PoolTimeoutError):
        engine.connect()
    assert isinstance(engine.pool, FairQueuePool)
    assert isinstance(engine.pool._pool, FairQueue)
    engine.dispose()


def test_it_logs_as_a_part_of_sqlalchemy(caplog: pytest.LogCaptureFixture) -> None:
    engine = create_engine("sqlite://", poolclass=FairQueuePool)
    with caplog.at_level("INFO", "sqlalchemy.pool"):
        engine.dispose()
    assert {record.name.rpartition(".")[0] for record in caplog.records} == {"sqlalchemy.pool.impl"}
