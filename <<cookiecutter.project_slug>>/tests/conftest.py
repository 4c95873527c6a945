"""What all tests share; the storage, the commands and the server are in fixtures/."""

import os
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from chassis.settings import PREFIX

from << cookiecutter.package_name >>.settings import Settings

pytest_plugins = [
<% if cookiecutter.database == 'postgresql' %>
    "tests.fixtures.postgresql",
<% elif cookiecutter.database == 'sqlite' %>
    "tests.fixtures.sqlite",
<% endif %>
<% if cookiecutter.__has_database %>
    "tests.fixtures.database",
<% else %>
    "tests.fixtures.memory",
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
    "tests.fixtures.opentelemetry",
<% elif cookiecutter.tracing == 'jaeger-client' %>
    "tests.fixtures.jaeger",
<% endif %>
<% if cookiecutter.http_client %>
    "tests.fixtures.peer",
<% endif %>
    "tests.fixtures.command",
    "tests.fixtures.server",
]


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_shell() -> None:
    """Makes the tests independent of what is set where they are started."""
    for variable in [name for name in os.environ if name.startswith(PREFIX)]:
        del os.environ[variable]


@pytest.fixture
def app(settings: Settings, make_app: Callable[..., Flask]) -> Flask:
    """The application as it is served, with nothing stored."""
    return make_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that calls the application without a server."""
    return app.test_client()
