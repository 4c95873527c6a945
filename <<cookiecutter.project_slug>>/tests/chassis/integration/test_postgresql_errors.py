"""PostgreSQL's errors: which are a 503, and which cost a connection."""

import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from tests.chassis.domain.settings import Settings
from werkzeug.test import TestResponse

from chassis.database import postgresql

pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

PATH = "/v1/things"
UNAVAILABLE = "The database is not available at the moment."
IN_THE_WAY = "Another request changes the same data."
TOO_SLOW = "The database took too long to answer."


@pytest.fixture
def engine(service_settings: Settings) -> Iterator[Engine]:
    """Somebody else who uses the database."""
    url = service_settings.database.url.get_secret_value()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def app(app: Flask) -> Flask:
    """An application that runs a statement on demand."""

    def run(statement: str) -> str:
        session = app.extensions["sqlalchemy"].session
        for part in statement.split(";;"):
            session.execute(text(part))
        session.commit()
        return str(session.execute(text("SELECT pg_backend_pid()")).scalar_one())

    app.add_url_rule("/run/<path:statement>", "run", run)
    return app


def run(client: FlaskClient, statement: str) -> TestResponse:
    return client.get(f"/run/{statement}")


def check_unavailable(response: TestResponse, detail: str) -> None:
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert response.get_json()["detail"] == detail
    assert response.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("state", "detail", "renewed"),
    [
        ("08006", UNAVAILABLE, True),
        ("25006", "The database takes no changes at the moment.", True),
        ("25P03", TOO_SLOW, True),
        ("25P04", TOO_SLOW, True),
        ("26000", UNAVAILABLE, True),
        ("28P01", UNAVAILABLE, False),
        ("3D000", UNAVAILABLE, False),
        ("40001", IN_THE_WAY, False),
        ("40P01", IN_THE_WAY, False),
        ("42P05", UNAVAILABLE, True),
        ("53100", UNAVAILABLE, False),
        ("53300", UNAVAILABLE, False),
        ("55006", IN_THE_WAY, False),
        ("55P03", IN_THE_WAY, False),
        ("57014", TOO_SLOW, False),
        ("57P01", UNAVAILABLE, True),
        ("57P03", UNAVAILABLE, True),
        ("58030", UNAVAILABLE, False),
        ("0A000", None, False),
        ("22003", None, False),
        ("23514", None, False),
        ("25P02", None, False),
        ("42501", None, False),
        ("42P01", None, False),
        ("54001", None, False),
        ("55000", None, False),
        ("P0001", None, False),
        ("XX000", None, False),
    ],
)
def test_each_class_of_errors_has_its_status_and_its_effect_on_the_pool(
    client: FlaskClient, state: str, detail: str | None, renewed: bool
) -> None:
    before = run(client, "SELECT 1").text
    response = run(client, f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")
    if detail is None:
        assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
        assert "Retry-After" not in response.headers
    else:
        check_unavailable(response, detail)
    after = run(client, "SELECT 1").text
    assert (after != before) == renewed


@pytest.fixture(params=["DATABASE {}", "ROLE CURRENT_USER IN DATABASE {}"])
def read_only(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Callable[[str], None]]:
    """Makes new connections read-only, as those to a primary that has become a standby are, or not."""
    whose = request.param.format(engine.url.database)

    def switch(state: str) -> None:
        with engine.connect() as connection:
            statement = f"ALTER {whose} SET default_transaction_read_only = {state}"
            connection.execute(text(statement))

    yield switch
    with psycopg.connect(
        engine.url.set(drivername="postgresql").render_as_string(hide_password=False),
        autocommit=True,
        options="-c default_transaction_read_only=off",
    ) as connection:
        reset = f"ALTER {whose} RESET default_transaction_read_only"
        connection.execute(reset.encode())


def test_the_next_write_after_a_failover_finds_the_new_primary(
    app: Flask, read_only: Callable[[str], None]
) -> None:
    client = app.test_client()
    read_only("on")
    with app.app_context():
        pool = app.extensions["sqlalchemy"].engine.pool
    held = [pool.connect() for _ in range(3)]
    for connection in held:
        connection.close()
    assert pool.checkedin() == 3
    read_only("off")
    check_unavailable(
        client.post(PATH, json={"name": "First"}), "The database takes no changes at the moment."
    )
    for name in ("Second", "Third", "Fourth"):
        assert client.post(PATH, json={"name": name}).status_code == 201


def test_a_server_that_stays_read_only_answers_what_only_reads_and_is_ready(
    app: Flask, read_only: Callable[[str], None]
) -> None:
    client = app.test_client()
    read_only("on")
    pids = set()
    for number in range(5):
        assert client.post(PATH, json={"name": str(number)}).status_code == 503
        assert client.get(PATH).status_code == 200
        pids.add(run(client, "SELECT 1").text)
    assert client.get("/readyz").status_code == 200
    with app.app_context():
        assert app.extensions["sqlalchemy"].engine.pool.checkedout() == 0
    # Each write costs its connection.
    assert len(pids) == 5


def test_a_statement_whose_connection_is_terminated_is_a_503_and_the_next_one_works(
    app: Flask, engine: Engine
) -> None:
    answers: list[TestResponse] = []
    thread = threading.Thread(
        target=lambda: answers.append(run(app.test_client(), "SELECT pg_sleep(30)"))
    )
    thread.start()
    with engine.connect() as connection:
        sleeps = "query LIKE '%pg_sleep(30)' AND pid <> pg_backend_pid()"
        kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {sleeps}"
        while not connection.execute(text(kill)).all():
            time.sleep(0.05)
    thread.join()
    check_unavailable(answers[0], UNAVAILABLE)
    assert app.test_client().get(PATH).status_code == 200


def test_a_deadlock_is_a_503_for_one_and_a_success_for_the_other(app: Flask) -> None:
    client = app.test_client()
    for name in ("First", "Second"):
        assert client.post(PATH, json={"name": name}).status_code == 201
    answers: list[TestResponse] = []

    def change(first: str, second: str) -> None:
        statements = [
            f"UPDATE things SET name = name WHERE name = '{first}'",
            "SELECT pg_sleep(0.5)",
            f"UPDATE things SET name = name WHERE name = '{second}'",
        ]
        answers.append(run(app.test_client(), ";;".join(statements)))

    threads = [
        threading.Thread(target=change, args=names)
        for names in (("First", "Second"), ("Second", "First"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.sort(key=lambda answer: answer.status_code)
    assert answers[0].status_code == 200
    check_unavailable(answers[1], IN_THE_WAY)


def test_a_lock_that_is_not_had_in_time_is_a_503(app: Flask, engine: Engine) -> None:
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="READ COMMITTED")
        connection.execute(text("LOCK TABLE things IN ACCESS EXCLUSIVE MODE"))
        statement = "SET LOCAL lock_timeout = 100;;SELECT * FROM things"
        check_unavailable(run(app.test_client(), statement), IN_THE_WAY)
    assert app.test_client().get(PATH).status_code == 200


def test_a_prepared_statement_whose_table_has_changed_costs_the_connection(
    app: Flask, engine: Engine
) -> None:
    with app.app_context():
        pooled = app.extensions["sqlalchemy"].engine
    statement = text("SELECT name FROM things")
    with pooled.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # The driver prepares a statement that it has seen five times.
        for _ in range(7):
            connection.execute(statement)
        change(engine, 90)
        with pytest.raises(DBAPIError) as caught:
            connection.execute(statement)
        assert caught.value.connection_invalidated
        assert postgresql.reason(caught.value) == UNAVAILABLE
        connection.rollback()
        assert connection.execute(statement).all() == []
    change(engine, 80)


def change(engine: Engine, length: int) -> None:
    with engine.connect() as connection:
        connection.execute(text(f"ALTER TABLE things ALTER COLUMN name TYPE varchar({length})"))
