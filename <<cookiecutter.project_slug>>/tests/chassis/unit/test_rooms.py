"""Tables of rooms: they come, stay and change without the service's migrations."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from injector import Injector
from pydantic import SecretStr

from chassis import database
from chassis.database import migrations
from chassis.settings.database import DatabaseSettings

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {before!r}


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
"""
ENVIRONMENT = """
from chassis.database import environment

environment.run()
"""
TEMPLATE = """
import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades or "pass"}


def downgrade() -> None:
    ${downgrades or "pass"}
"""
CREATE = 'op.create_table("{0}", sa.Column("id", sa.Integer, primary_key=True))'
DROP = 'op.drop_table("{0}")'
FAIL = 'op.execute("INSERT INTO nowhere VALUES (1)")'
ALL = {"things", "alembic_version", "parcel", "parcel_label", "alembic_version_parcel"}


def write(directory: Path, number: int, upgrade: str, downgrade: str = "pass") -> None:
    """Writes a migration; the directory's name is a part of its revision."""
    (directory / "versions").mkdir(parents=True, exist_ok=True)
    before = f"{directory.name}_{number - 1}" if number > 1 else None
    text = MIGRATION.format(
        revision=f"{directory.name}_{number}", before=before, upgrade=upgrade, downgrade=downgrade
    )
    (directory / "versions" / f"{directory.name}_{number}.py").write_text(text, encoding="utf-8")


class Service:
    """A service that has three migrations and a row, and at first no room with tables."""

    def __init__(self, root: Path) -> None:
        self.own, self.room = root / "service", root / "parcel"
        self._url = f"sqlite:///{root}/test.db"
        self._engine = sa.create_engine(self._url)
        write(self.own, 1, CREATE.format("things"), DROP.format("things"))
        write(self.own, 2, 'op.execute("INSERT INTO things VALUES (7)")')
        write(self.own, 3, "pass")
        (self.own / "env.py").write_text(ENVIRONMENT, encoding="utf-8")
        (self.own / "alembic.ini").write_text("[alembic]\n", encoding="utf-8")
        (self.own / "script.py.mako").write_text(TEMPLATE, encoding="utf-8")
        write(self.room, 1, CREATE.format("parcel"))
        write(self.room, 2, CREATE.format("parcel_label"))

    def run(
        self, command: Callable[..., None], *arguments: str, room: bool = False, **options: object
    ) -> None:
        """Runs a command of Flask-Migrate in a new application, with or without the room."""
        app = Flask(__name__)
        settings = DatabaseSettings(url=SecretStr(self._url))
        own = sa.MetaData()
        sa.Table("things", own, sa.Column("id", sa.Integer, primary_key=True))
        database.init_app(app, settings, Injector(), own, lock_timeout=1)
        if room:
            tables = sa.MetaData()
            sa.Table("parcel", tables)
            sa.Table("parcel_label", tables)
            database.add_tables(app, database.RoomTables("parcel", tables, self.room))
        migrations.init_app(app)
        try:
            with app.app_context():
                command(str(self.own), *arguments, **options)
        finally:
            database.close(app)

    def tables(self) -> set[str]:
        """Returns the names of the tables in the database."""
        return set(sa.inspect(self._engine).get_table_names())

    def values(self, table: str) -> list[object]:
        """Returns the values in the first column of a table."""
        with self._engine.connect() as connection:
            return list(connection.scalars(sa.text(f"SELECT * FROM {table}")))

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service without rooms whose database has its migrations."""
    service = Service(tmp_path)
    service.run(flask_migrate.upgrade)
    assert service.tables() == {"things", "alembic_version"}
    yield service
    service.close()


def test_a_room_that_is_switched_on_later_gets_its_tables(service: Service) -> None:
    service.run(flask_migrate.upgrade, room=True)
    assert service.tables() == ALL
    assert service.values("alembic_version") == ["service_3"]
    assert service.values("alembic_version_parcel") == ["parcel_2"]
    assert service.values("things") == [7]


def test_a_new_database_gets_the_tables_of_a_room_first(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    service = Service(tmp_path)
    with caplog.at_level(logging.INFO, "alembic.runtime.migration"):
        service.run(flask_migrate.upgrade, room=True)
        steps = [message for message in caplog.messages if "upgrade" in message]
        assert [step.rpartition("-> ")[2] for step in steps] == [
            "parcel_1",
            "parcel_2",
            "service_1",
            "service_2",
            "service_3",
        ]
        service.run(flask_migrate.upgrade, room=True)
    assert [message for message in caplog.messages if "upgrade" in message] == steps
    service.close()


@pytest.mark.parametrize("room", [True, False])
def test_the_other_commands_know_the_service_alone(service: Service, room: bool) -> None:
    service.run(flask_migrate.upgrade, room=True)
    service.run(flask_migrate.check, room=room)
    service.run(flask_migrate.migrate, room=room)
    assert len(list((service.own / "versions").glob("*.py"))) == 3
    service.run(flask_migrate.stamp, "service_2", room=room)
    assert service.values("alembic_version") == ["service_2"]
    service.run(flask_migrate.downgrade, "base", room=room)
    assert service.tables() == ALL - {"things"}
    assert service.values("alembic_version_parcel") == ["parcel_2"]
    service.run(flask_migrate.upgrade, room=room)
    assert service.tables() == ALL


def test_a_table_that_no_room_owns_is_not_overlooked(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    write(service.own, 4, CREATE.format("parcels"))
    service.run(flask_migrate.upgrade, room=True)
    with pytest.raises(SystemExit):
        service.run(flask_migrate.check, room=True)
    assert "[('remove_table', Table('parcels'" in caplog.text


@pytest.mark.parametrize("failing", ["room", "own"])
def test_a_migration_that_fails_leaves_all_as_it_was(service: Service, failing: str) -> None:
    directory = getattr(service, failing)
    write(directory, len(list((directory / "versions").glob("*.py"))) + 1, FAIL)
    with pytest.raises(sa.exc.OperationalError, match="no such table: nowhere"):
        service.run(flask_migrate.upgrade, room=True)
    assert service.tables() == {"things", "alembic_version"}


def test_a_migration_of_the_service_may_use_tables_of_a_room(service: Service) -> None:
    write(service.own, 4, 'op.execute("INSERT INTO parcel SELECT id FROM things")')
    service.run(flask_migrate.upgrade, room=True)
    assert service.values("parcel") == [7]


@pytest.mark.parametrize(
    ("revision", "x_arg", "printed"),
    [
        ("head", None, ["parcel", "parcel_label", "things"]),
        ("base:head", None, ["parcel", "parcel_label", "things"]),
        ("service_3:head", "parcel=base", ["parcel", "parcel_label"]),
        ("service_3:head", "parcel=parcel_1", ["parcel_label"]),
        ("service_3:head", "parcel=parcel_2", []),
    ],
)
def test_the_statements_of_a_room_are_printed_too(
    service: Service,
    capsys: pytest.CaptureFixture[str],
    revision: str,
    x_arg: str | None,
    printed: list[str],
) -> None:
    service.run(flask_migrate.upgrade, revision, room=True, sql=True, x_arg=x_arg)
    words = [line.split() for line in capsys.readouterr().out.splitlines()]
    created = [line[2] for line in words if line[:2] == ["CREATE", "TABLE"]]
    assert [name for name in created if not name.startswith("alembic_version")] == printed
    assert sum(line == ["BEGIN;"] for line in words) == 1


def test_statements_between_two_migrations_need_the_place_of_a_room(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        service.run(flask_migrate.upgrade, "service_3:head", room=True, sql=True)
    assert "-x parcel=REVISION, or -x parcel=base if it has none" in caplog.text


def test_two_migrations_after_the_same_one_can_be_joined(service: Service) -> None:
    service.run(flask_migrate.upgrade, room=True)
    write(service.own, 4, "pass")
    text = (service.own / "versions" / "service_4.py").read_text(encoding="utf-8")
    other = service.own / "versions" / "other.py"
    other.write_text(text.replace("service_4", "other"), encoding="utf-8")
    with pytest.raises(SystemExit):
        service.run(flask_migrate.upgrade, room=True)
    service.run(flask_migrate.merge, "heads", room=True, rev_id="joined")
    service.run(flask_migrate.upgrade, room=True)
    assert service.values("alembic_version") == ["joined"]
    assert service.values("alembic_version_parcel") == ["parcel_2"]


def test_a_room_that_is_older_than_the_database_is_refused(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    service.run(flask_migrate.upgrade, room=True)
    (service.room / "versions" / "parcel_2.py").unlink()
    with pytest.raises(SystemExit):
        service.run(flask_migrate.upgrade, room=True)
    assert "Can't locate revision identified by 'parcel_2'" in caplog.text


def test_the_service_may_have_other_options_than_a_room(tmp_path: Path) -> None:
    service = Service(tmp_path)
    text = ENVIRONMENT.replace("run()", 'run(version_table="versions")')
    (service.own / "env.py").write_text(text, encoding="utf-8")
    service.run(flask_migrate.upgrade, room=True)
    assert service.tables() == ALL - {"alembic_version"} | {"versions"}
    service.close()


def test_a_table_of_a_room_is_named_after_it(tmp_path: Path) -> None:
    tables = sa.MetaData()
    sa.Table("parcels", tables)
    with pytest.raises(ValueError, match="table parcels: a table of parcel is named after it"):
        database.RoomTables("parcel", tables, tmp_path)
