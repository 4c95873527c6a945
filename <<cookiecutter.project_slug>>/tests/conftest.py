"""What all tests share is in chassis/fixtures/; here is what they need of the service."""

import logging
from collections.abc import Callable, Iterator
<% if cookiecutter.__has_database %>
from typing import Any, NamedTuple
<% else %>
from typing import NamedTuple
<% endif %>

<% if cookiecutter.__has_database %>
import flask_migrate
<% endif %>
import pytest
from flask import Flask
<% if cookiecutter.__has_database %>
from sqlalchemy import URL, MetaData
<% endif %>

<% if cookiecutter.__has_database %>
from chassis.database import migrations
<% endif %>
from chassis.settings import sources

from << cookiecutter.package_name >> import app, cli, settings
<% if cookiecutter.__has_database %>
from << cookiecutter.package_name >>.tables import Base
<% endif %>

pytest_plugins = [
    "tests.chassis.fixtures.app",
<% if cookiecutter.database == 'postgresql' %>
    "tests.chassis.fixtures.postgresql",
<% elif cookiecutter.database == 'sqlite' %>
    "tests.chassis.fixtures.sqlite",
<% endif %>
<% if cookiecutter.__has_database %>
    "tests.chassis.fixtures.database",
<% else %>
    "tests.chassis.fixtures.memory",
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
    "tests.chassis.fixtures.opentelemetry",
<% elif cookiecutter.tracing == 'jaeger-client' %>
    "tests.chassis.fixtures.jaeger",
<% endif %>
<% if cookiecutter.http_client %>
    "tests.chassis.fixtures.peer",
<% endif %>
    "tests.chassis.fixtures.server",
]


class Result(NamedTuple):
    """What a command has written, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Result]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the fuzz last: what it loads makes other tests slow."""
    items.sort(key=lambda item: item.path.name == "test_fuzz.py")


@pytest.fixture(scope="session")
def create_app() -> Callable[..., Flask]:
    """What makes an application."""
    return app.create_app


@pytest.fixture(scope="session")
def gunicorn() -> list[str]:
    """The arguments of gunicorn: it finds gunicorn.conf.py by itself."""
    return []


<% if cookiecutter.__has_database %>
@pytest.fixture(scope="session")
def tables() -> MetaData:
    """The tables, which are emptied before each test."""
    return Base.metadata


@pytest.fixture(scope="session")
def service_settings(new_database: Callable[[], URL]) -> settings.Settings:
    """Settings of an application that has all migrations; its tables hold what earlier tests have stored."""
    database: Any = {"url": new_database().render_as_string(hide_password=False)}
    found = settings.Settings(environment="development", database=database)
    migrated = app.create_app(found)
    migrations.init_app(migrated)
    with migrated.app_context():
        flask_migrate.upgrade()
        migrated.extensions["sqlalchemy"].engine.dispose()
    return found
<% else %>
@pytest.fixture(scope="session")
def service_settings() -> settings.Settings:
    """Settings that check responses against the contract."""
    return settings.Settings(environment="development")
<% endif %>


@pytest.fixture
def command(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Command]:
    """Runs a command as the console script does; what it changes in this process is as before at the end."""
    before = logging.root.handlers[:], logging.root.level
    monkeypatch.setattr(sources, "_current", [])

    def run(*arguments: str, **variables: str) -> Result:
        for name, value in {**environment, **variables}.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        written = capsys.readouterr()
        if isinstance(end.value.code, str):
            return Result(1, written.out, f"{written.err}{end.value.code}\n")
        return Result(end.value.code or 0, written.out, written.err)

    yield run
    logging.root.handlers[:], logging.root.level = before
