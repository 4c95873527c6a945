"""PostgreSQL: what stands alone is one statement on the wire, as the server's log has it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from injector import Injector
from pydantic import SecretStr
from sqlalchemy import URL, create_engine, event, text
from sqlalchemy.orm import Session

from chassis import database
from chassis.database import postgresql
from chassis.resources import ConflictError, NotFoundError, Query, Repository
from chassis.resources.sql import SqlRepository, SqlUnitOfWork
from chassis.settings.postgresql import PostgresqlSettings

from ..unit.test_repository import Thing, thing
from .test_sql_repository import Base, ThingRow

pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

Work = Callable[[Repository[Thing], Session], object]


@pytest.fixture
def url(new_database: Callable[[], URL]) -> URL:
    """A database whose server logs each statement, and sends its log to the client."""
    url = new_database()
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for setting, value in (("log_statement", "all"), ("client_min_messages", "log")):
            connection.execute(text(f"ALTER DATABASE {url.database} SET {setting} = '{value}'"))
    engine.dispose()
    return url


@pytest.fixture
def statements(url: URL) -> Iterator[Callable[[Work], list[str]]]:
    """Tells the first words of what the server has executed for a request."""
    app, injector = Flask(__name__), Injector()
    settings = PostgresqlSettings(url=SecretStr(url.render_as_string(hide_password=False)))
    database.init_app(app, settings, injector, Base.metadata, lock_timeout=1, server=postgresql)
    logged: list[str] = []

    def listen(connection: Any, record: object) -> None:
        connection.add_notice_handler(lambda notice: logged.append(notice.message_primary))

    with app.app_context():
        event.listen(app.extensions["sqlalchemy"].engine, "connect", listen)

    def run(work: Work) -> list[str]:
        with app.app_context():
            session = injector.get(Session)
            # The first statements are those of a new connection.
            session.execute(text("SELECT 1"))
            session.rollback()
            logged.clear()
            work(SqlRepository(Thing, ThingRow, session), session)
        return [line.partition(": ")[2].split()[0] for line in logged]

    yield run
    database.close(app)


STORED = thing("Stored")


def add_twice(things: Repository[Thing], session: Session) -> None:
    things.add(STORED)
    with suppress(ConflictError):
        things.add(thing(STORED.name))


def add_and_fail(things: Repository[Thing], session: Session) -> None:
    with suppress(ZeroDivisionError), SqlUnitOfWork(session):
        things.add(STORED)
        raise ZeroDivisionError


def read_and_change(things: Repository[Thing], session: Session) -> None:
    things.add(STORED)
    with SqlUnitOfWork(session):
        found = things.get(STORED.id, for_update=True)
        things.update(found.id, {"size": found.size + 1})
    things.get(STORED.id)


ALONE: dict[str, Work] = {
    "SELECT": lambda things, _: things.page(Query("name", 9)),
    "INSERT": lambda things, _: things.add(STORED),
    "UPDATE": lambda things, _: _try(lambda: things.update(STORED.id, {"size": 1})),
    "DELETE": lambda things, _: _try(lambda: things.delete(STORED.id)),
}


def _try(work: Callable[[], object]) -> None:
    with suppress(NotFoundError):
        work()


@pytest.mark.parametrize("statement", ALONE)
def test_what_stands_alone_is_one_statement(
    statements: Callable[[Work], list[str]], statement: str
) -> None:
    assert statements(ALONE[statement]) == [statement]


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (add_twice, ["INSERT", "INSERT"]),
        (add_and_fail, ["BEGIN", "INSERT", "ROLLBACK"]),
        (read_and_change, ["INSERT", "BEGIN", "SELECT", "UPDATE", "COMMIT", "SELECT"]),
    ],
)
def test_a_unit_of_work_is_one_transaction(
    statements: Callable[[Work], list[str]], work: Work, expected: list[str]
) -> None:
    assert statements(work) == expected
