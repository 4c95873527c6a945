"""Migrations: they make the tables of the models, and can be taken back."""

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import inspect

from chassis.database import migrations

from << cookiecutter.package_name >>.tables import Base


@pytest.fixture
def database(app: Flask) -> Iterator[Flask]:
    """The application with its database, which has all migrations again at the end."""
    migrations.init_app(app)
    with app.app_context():
        yield app
        flask_migrate.upgrade()


def tables(app: Flask) -> set[str]:
    return set(inspect(app.extensions["sqlalchemy"].engine).get_table_names())


def test_the_migrations_make_what_the_models_say(database: Flask) -> None:
    assert set(Base.metadata.tables) <= tables(database)
    flask_migrate.check()


def test_every_migration_can_be_taken_back_and_applied_again(database: Flask) -> None:
    flask_migrate.downgrade(revision="base")
    assert not tables(database) & set(Base.metadata.tables)
    flask_migrate.upgrade()
    flask_migrate.check()
