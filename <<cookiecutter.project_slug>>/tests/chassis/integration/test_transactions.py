"""Transactions on tables, on each database: what belongs together, and what stands alone."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import URL, Engine, create_engine, update
from sqlalchemy.orm import Session

from chassis.resources import ConflictError, NotFoundError, Query, Repository
from chassis.resources.sql import SqlRepository, SqlUnitOfWork

from ..unit.test_repository import Thing, thing
from .test_sql_repository import Base, ThingRow

RESIZE = update(ThingRow).values(size=7)


@pytest.fixture(scope="module")
def url(new_database: Callable[[], URL]) -> URL:
    return new_database()


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    yield engine
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    Base.metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@pytest.fixture
def things(session: Session) -> Repository[Thing]:
    return SqlRepository(Thing, ThingRow, session)


def names(engine: Engine) -> list[str]:
    """What somebody else sees."""
    with Session(engine) as session:
        found = SqlRepository(Thing, ThingRow, session).page(Query("name", 9))
    return [item.name for item in found.items]


def test_a_change_that_stands_alone_is_stored_at_once(
    engine: Engine, things: Repository[Thing]
) -> None:
    first, second = things.add(thing("First")), things.add(thing("Second"))
    assert names(engine) == ["First", "Second"]
    things.update(first.id, {"name": "New"})
    assert names(engine) == ["New", "Second"]
    things.delete(second.id)
    assert names(engine) == ["New"]


def test_a_change_that_stands_alone_ends_the_transaction_that_there_is(
    engine: Engine, session: Session, things: Repository[Thing]
) -> None:
    stored = things.add(thing("First"))
    session.execute(RESIZE)
    assert things.get(stored.id).size == 7
    things.add(thing("Second"))
    assert names(engine) == ["First", "Second"]
    session.rollback()
    assert things.get(stored.id).size == 7


def test_a_query_ends_no_transaction(session: Session, things: Repository[Thing]) -> None:
    stored = things.add(thing("First"))
    session.execute(RESIZE)
    assert things.get(stored.id).size == 7
    session.rollback()
    assert things.get(stored.id).size == 0


def test_a_unit_of_work_sees_its_changes_and_others_see_all_or_nothing(
    engine: Engine, session: Session, things: Repository[Thing]
) -> None:
    kept = things.add(thing("Kept"))
    assert things.get(kept.id) == kept
    with SqlUnitOfWork(session):
        added = things.add(thing("Added"))
        assert things.get(added.id) == added
        assert names(engine) == ["Kept"]
        things.delete(kept.id)
    assert names(engine) == ["Added"]
    with pytest.raises(NotFoundError):
        things.get(kept.id)

    def change_and_fail() -> None:
        with SqlUnitOfWork(session):
            things.add(thing("Lost"))
            things.delete(added.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    assert names(engine) == ["Added"]
    assert things.get(added.id) == added


def test_a_connection_is_returned_as_it_was(engine: Engine, things: Repository[Thing]) -> None:
    stored = things.add(thing("First"))
    with pytest.raises(ConflictError):
        things.add(thing("First"))
    with pytest.raises(NotFoundError):
        things.delete(thing("Other").id)
    with engine.connect() as connection:
        connection.execute(RESIZE)
        connection.rollback()
    assert things.get(stored.id).size == 0


def test_what_is_gotten_for_update_waits_for_those_before(engine: Engine) -> None:
    def sell(stored: Thing) -> bool:
        with Session(engine) as session, SqlUnitOfWork(session):
            things = SqlRepository(Thing, ThingRow, session)
            if things.get(stored.id, for_update=True).size:
                return False
            time.sleep(0.01)
            things.update(stored.id, {"size": 1})
            return True

    with Session(engine) as session:
        stored = [SqlRepository(Thing, ThingRow, session).add(thing(name)) for name in "abc"]
    with ThreadPoolExecutor(8) as threads:
        for item in stored:
            assert sorted(threads.map(sell, [item] * 8)) == [False] * 7 + [True]


def test_what_was_changed_is_gotten_for_update_too(
    session: Session, things: Repository[Thing]
) -> None:
    with SqlUnitOfWork(session):
        stored = things.add(thing("First"))
        assert things.get(stored.id, for_update=True) == stored
        assert things.get(stored.id, for_update=True) == stored
