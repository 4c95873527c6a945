"""The service of these tests: a small domain of their own."""

from collections.abc import Callable
<% if cookiecutter.__has_database %>
from typing import Any
<% endif %>

import pytest
from flask import Flask
<% if cookiecutter.__has_database %>
from sqlalchemy import URL, MetaData, create_engine
<% endif %>

from .domain import app, settings
<% if cookiecutter.__has_database %>
from .domain.sql import Base
<% endif %>

CONFIGURATION = "tests/chassis/domain/gunicorn_conf.py"


@pytest.fixture(scope="session")
def create_app() -> Callable[..., Flask]:
    """What makes an application."""
    return app.create_app


@pytest.fixture(scope="session")
def gunicorn() -> list[str]:
    """The arguments of gunicorn."""
    return ["--config", CONFIGURATION]


<% if cookiecutter.__has_database %>
@pytest.fixture(scope="session")
def tables() -> MetaData:
    """The tables, which are emptied before each test."""
    return Base.metadata


@pytest.fixture(scope="session")
def service_settings(new_database: Callable[[], URL]) -> settings.Settings:
    """Settings of an application; its tables hold what earlier tests have stored."""
    url = new_database()
    engine = create_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    database: Any = {"url": url.render_as_string(hide_password=False)}
    return settings.Settings(environment="development", database=database)
<% else %>
@pytest.fixture(scope="session")
def service_settings() -> settings.Settings:
    """Settings that check responses against the contract."""
    return settings.Settings(environment="development")
<% endif %>
