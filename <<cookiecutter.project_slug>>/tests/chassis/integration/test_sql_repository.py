"""Repositories on tables, on each database."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from injector import Injector
from pydantic import SecretStr
from sqlalchemy import URL, ForeignKey, Index, String, create_engine, event, inspect, select, text
from sqlalchemy.engine import default
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.schema import MetaData

from chassis import database
from chassis.resources import ConflictError, Query, Repository
from chassis.resources.sql import (
    NAMING_CONVENTION,
    TYPES,
    ExactNumeric,
    LargeInteger,
    ResourceColumns,
    SqlRepository,
    SqlUnitOfWork,
    UtcDateTime,
)
from chassis.settings.database import DatabaseSettings

from ..unit.test_repository import RepositoryTests, Storage, Thing, thing


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = TYPES


class ThingRow(ResourceColumns, Base):
    __tablename__ = "repository_things"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    total: Mapped[int] = mapped_column(LargeInteger)
    ratio: Mapped[float]
    price: Mapped[Decimal] = mapped_column(ExactNumeric(15, 2))
    open: Mapped[bool]
    day: Mapped[date | None]
    owner: Mapped[UUID | None]
    tags: Mapped[list[str]]
    box: Mapped[dict[str, Any]]
    parts: Mapped[list[dict[str, Any]]]
    notes: Mapped[list[str] | None]
    sold_at: Mapped[datetime | None]


class PartRow(Base):
    __tablename__ = "repository_parts"
    __table_args__ = (Index(None, "thing", "place", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    thing: Mapped[UUID] = mapped_column(ForeignKey("repository_things.id"))
    place: Mapped[int]


def keep_foreign_keys(connection: Any, record: object) -> None:
    connection.execute("PRAGMA foreign_keys = ON")


@pytest.fixture(scope="module")
def url(new_database: Callable[[], URL]) -> URL:
    return new_database()


@pytest.fixture
def session(url: URL) -> Iterator[Session]:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", keep_foreign_keys)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    Base.metadata.drop_all(engine)
    engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    id: UUID
    thing: UUID
    place: int


class TestSqlRepository(RepositoryTests):
    """Things in a table."""

    @pytest.fixture
    def storage(self, session: Session) -> Storage:
        return SqlRepository(Thing, ThingRow, session), SqlUnitOfWork(session)


@pytest.fixture
def things(session: Session) -> Repository[Thing]:
    return SqlRepository(Thing, ThingRow, session)


def test_the_columns_of_a_resource_are_around_its_own(session: Session) -> None:
    columns = inspect(session.connection()).get_columns("repository_things")
    names = [column["name"] for column in columns]
    assert names[:2] == ["id", "name"]
    assert names[-3:] == ["version", "created_at", "updated_at"]


def test_a_model_without_a_column_is_refused(session: Session) -> None:
    with pytest.raises(TypeError, match="PartRow has no column for box, created_at"):
        SqlRepository(Thing, PartRow, session)


def test_what_is_referred_to_is_not_deleted(session: Session, things: Repository[Thing]) -> None:
    stored = things.add(thing("First"))
    session.add(PartRow(id=UUID(int=1), thing=stored.id, place=1))
    session.flush()
    with pytest.raises(ConflictError, match="still refers to"):
        things.delete(stored.id)


def test_a_combination_of_values_is_taken_once(session: Session, things: Repository[Thing]) -> None:
    stored = things.add(thing("First"))
    parts: Any = SqlRepository(Part, PartRow, session)
    parts.add(Part(id=UUID(int=1), thing=stored.id, place=1))
    with pytest.raises(ConflictError, match=rf"The thing and place {stored.id}, 1 are taken\."):
        parts.add(Part(id=UUID(int=2), thing=stored.id, place=1))


def test_json_is_exact_and_may_have_dates(tmp_path: Path) -> None:
    app, injector = Flask(__name__), Injector()
    settings = DatabaseSettings(url=SecretStr(f"sqlite:///{tmp_path / 'things.db'}"))
    database.init_app(app, settings, injector, Base.metadata, lock_timeout=1)
    identifier = UUID(int=5)
    box = {"day": date(2026, 2, 3), "owner": identifier, "price": Decimal("0.10"), "size": 10**30}
    stored = thing("First", box=box, parts=[{"price": Decimal("0.1234567890123456789")}])
    with app.app_context():
        session = injector.get(Session)
        Base.metadata.create_all(session.connection())
        things = SqlRepository(Thing, ThingRow, session)
        things.add(stored)
        found = things.get(stored.id)
    database.close(app)
    assert found.box == {**box, "day": "2026-02-03", "owner": str(identifier)}
    assert found.parts == stored.parts


def test_what_is_not_there_is_null_in_json_too(things: Repository[Thing], session: Session) -> None:
    things.add(thing("First", notes=None))
    row = session.execute(select(ThingRow.name).where(ThingRow.notes.is_(None))).one()
    assert row.name == "First"


def test_a_large_integer_may_come_from_a_migration(
    session: Session, things: Repository[Thing]
) -> None:
    stored = things.add(thing("First", total=7))
    session.execute(text("UPDATE repository_things SET total = 5"))
    assert things.get(stored.id).total == 5
    for total in (-(2**64), 0, 10**40):
        assert things.update(stored.id, {"total": total}).total == total
        assert things.page(Query("total", 1, where={"total": total})).items


def test_another_fault_of_the_data_is_none_of_the_domain(things: Repository[Thing]) -> None:
    with pytest.raises(IntegrityError):
        things.add(thing(None))  # type: ignore[arg-type]


def test_a_number_that_sqlite_would_round_is_refused(
    session: Session, things: Repository[Thing]
) -> None:
    number = Decimal("12345678901234.567")
    if session.get_bind().dialect.name == "sqlite":
        with pytest.raises(StatementError, match="SQLite keeps 15 digits"):
            things.add(thing("First", price=number))
    else:
        with pytest.raises(StatementError, match="overflow"):
            things.add(thing("First", price=number))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=5, minutes=45)), None])
def test_a_timestamp_is_in_utc_whatever_the_driver_says(zone: timezone | None) -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    read = moment.astimezone(zone) if zone else moment.replace(tzinfo=None)
    result = UtcDateTime().process_result_value(read, default.DefaultDialect())
    assert result is not None
    assert result.isoformat() == "2026-02-03T04:05:06+00:00"
