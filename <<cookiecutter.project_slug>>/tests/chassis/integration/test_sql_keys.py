"""Idempotency keys in a table, on each database: one of those who take a key gets it, and no late one stores anything."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    URL,
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Session

from chassis.contract import Answer, Entry, Lease
from chassis.idempotency import sql
from chassis.idempotency.sql import KEYS, SqlKeys

ANSWER = Answer(201, [("Location", "/things/1"), ("ETag", '"1"')], b'{"a": "\xc3\xa4"}')
ROWS = Table("rows", MetaData(), Column("number", Integer, primary_key=True))


@pytest.fixture(scope="module")
def url(new_database: Callable[[], URL]) -> URL:
    return new_database()


@pytest.fixture
def engine(url: URL) -> Iterator[Engine]:
    engine = create_engine(url, connect_args={"timeout": 20} if "sqlite" in str(url) else {})
    for metadata in (sql.METADATA, ROWS.metadata):
        metadata.create_all(engine)
    yield engine
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    for metadata in (sql.METADATA, ROWS.metadata):
        metadata.drop_all(engine)
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


class Keys(SqlKeys):
    """Keys of a request."""

    def __init__(self, session: Session, ttl: float = 100, lease: float = 100) -> None:
        super().__init__(session, ttl, lease)

    def taken(self, key: str = "key", fingerprint: str = "print") -> Lease:
        """Takes a key that is free."""
        lease = self.take(key, fingerprint)
        assert isinstance(lease, Lease)
        return lease

    def answer(self, key: str = "key") -> None:
        """Answers a request with a key that is free."""
        lease = self.taken(key)
        with self.unit_of_work():
            assert self.keep(lease, ANSWER)


def count(engine: Engine, table: Table = KEYS) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_key_is_running_for_others_at_once_and_then_has_its_answer(
    engine: Engine, session: Session
) -> None:
    keys = Keys(session)
    lease = keys.taken()
    with Session(engine) as other:
        assert Keys(other).take("key", "other") == Entry("print", None)
    with keys.unit_of_work():
        assert keys.keep(lease, ANSWER)
    with Session(engine) as other:
        assert Keys(other).take("key", "print") == Entry("print", ANSWER)
    keys.release(lease)
    assert keys.take("key", "print") == Entry("print", ANSWER)


def test_the_answer_is_stored_with_what_it_tells_of_or_not_at_all(
    engine: Engine, session: Session
) -> None:
    keys = Keys(session)
    lease = keys.taken()

    def fail() -> None:
        with keys.unit_of_work():
            session.execute(insert(ROWS))
            assert keys.keep(lease, ANSWER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(engine, ROWS) == 0
    with Session(engine) as other:
        assert Keys(other).take("key", "print") == Entry("print", None)
    with keys.unit_of_work():
        session.execute(insert(ROWS))
        assert keys.keep(lease, ANSWER)
    assert count(engine, ROWS) == 1


def test_a_key_that_is_released_is_free(engine: Engine, session: Session) -> None:
    keys = Keys(session)
    keys.release(keys.taken())
    assert count(engine) == 0
    keys.answer()


def test_a_key_can_be_taken_within_a_transaction_that_has_begun(
    engine: Engine, session: Session
) -> None:
    session.execute(text("SELECT 1"))
    session.execute(insert(ROWS))
    Keys(session).answer()
    assert count(engine, ROWS) == 1


def test_a_key_is_released_after_a_transaction_that_could_not_end(
    engine: Engine, session: Session
) -> None:
    keys = Keys(session)
    lease = keys.taken()
    session.execute(insert(ROWS))
    keys.release(lease)
    assert (count(engine), count(engine, ROWS)) == (0, 0)


def test_a_key_that_cannot_be_released_is_a_warning(
    engine: Engine, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(session)
    lease = keys.taken()
    sql.METADATA.drop_all(engine)
    keys.release(lease)
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("WARNING", "chassis.idempotency.sql")


def test_of_many_at_once_one_gets_the_key(engine: Engine) -> None:
    barrier = threading.Barrier(20)

    def take(_: int) -> Lease | Entry:
        with Session(engine) as session:
            barrier.wait()
            return Keys(session).take("key", "print")

    with ThreadPoolExecutor(20) as threads:
        taken = [*threads.map(take, range(20))]
    assert sum(isinstance(one, Lease) for one in taken) == 1
    assert taken.count(Entry("print", None)) == 19


def test_of_many_at_once_one_gets_the_key_whose_lease_is_over(engine: Engine) -> None:
    with Session(engine) as session:
        late = Keys(session, lease=0).taken()
    barrier = threading.Barrier(20)

    def take(_: int) -> Lease | Entry:
        with Session(engine) as session:
            barrier.wait()
            return Keys(session).take("key", "print")

    with ThreadPoolExecutor(20) as threads:
        (lease,) = [one for one in threads.map(take, range(20)) if isinstance(one, Lease)]
    assert lease.token != late.token


def test_a_lease_that_is_over_stores_nothing(engine: Engine, session: Session) -> None:
    slow = Keys(session, lease=0)
    late = slow.taken()
    with Session(engine) as other:
        assert Keys(other).take("key", "other") == Entry("print", None)
        Keys(other).answer()
    with slow.unit_of_work():
        assert not slow.keep(late, ANSWER)
    slow.release(late)
    assert slow.take("key", "print") == Entry("print", ANSWER)


def test_a_lease_is_over_while_its_answer_is_being_stored(engine: Engine) -> None:
    """Whoever wants to take the key over waits for the transaction, and gets its answer."""
    taken: list[Lease | Entry] = []

    def take() -> None:
        with Session(engine) as session:
            taken.append(Keys(session).take("key", "print"))

    thread = threading.Thread(target=take)
    with Session(engine) as session:
        keys = Keys(session, lease=0)
        lease = keys.taken()
        with keys.unit_of_work():
            assert keys.keep(lease, ANSWER)
            thread.start()
            time.sleep(0.2)
            assert taken == []
    thread.join()
    assert taken == [Entry("print", ANSWER)]


def test_an_old_key_is_free_for_any_request(session: Session) -> None:
    Keys(session, ttl=0).answer()
    assert Keys(session).taken(fingerprint="other")


def test_each_answer_removes_some_old_keys(engine: Engine, session: Session) -> None:
    day = timedelta(days=1)
    old = {"fingerprint": "print", "token": "x", "leased_until": datetime.now(UTC) - day}
    rows = [{**old, "id": str(number), "expires_at": old["leased_until"]} for number in range(25)]
    with engine.begin() as connection:
        connection.execute(insert(KEYS), rows)
    keys = Keys(session)
    counts = []
    for number in range(4):
        keys.answer(f"new {number}")
        counts.append(count(engine))
    assert counts == [16, 7, 3, 4]


def test_the_migrations_make_the_table_that_there_is(new_database: Callable[[], URL]) -> None:
    engine = create_engine(new_database())
    script = ScriptDirectory(sql.TABLES.migrations)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        with Operations.context(context):
            for revision in reversed([*script.walk_revisions()]):
                revision.module.upgrade()
            assert compare_metadata(context, sql.METADATA) == []
            for revision in script.walk_revisions():
                revision.module.downgrade()
        assert inspect(connection).get_table_names() == []
    engine.dispose()
