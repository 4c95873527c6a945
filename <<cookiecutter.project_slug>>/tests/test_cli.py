"""The command line."""

import pytest

from .conftest import Command


def test_help_names_the_commands(command: Command) -> None:
    result = command("--help")
    assert result.returncode == 0
    for name in ("example", "run", "routes", "shell", "show-config"):
        assert f"\n  {name} " in result.stdout


def test_the_configuration_is_shown_with_its_sources(command: Command) -> None:
    lines = command("show-config", APP_LOG__LEVEL="ERROR").stdout.splitlines()
    assert "log.level = ERROR  # environment variable APP_LOG__LEVEL" in lines
    assert "api.swagger_ui = True  # default; APP_API__SWAGGER_UI would set it" in lines


@pytest.mark.parametrize("name", ["show-config", "routes"])
def test_a_wrong_configuration_is_one_line(command: Command, name: str) -> None:
    result = command(name, APP_LOG__LEVEL="LOUD")
    assert result.returncode != 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("configuration: log.level: ")
    assert line.endswith("(environment variable APP_LOG__LEVEL)")
<% if cookiecutter.__has_database %>


@pytest.mark.parametrize("arguments", [("db", "upgrade"), ("seed",)])
def test_a_database_that_cannot_be_reached_is_one_line(
    command: Command, arguments: tuple[str, ...]
) -> None:
<% if cookiecutter.database == 'postgresql' %>
    url = "postgresql+psycopg://app@127.0.0.1:1/app"
    reason = "postgresql+psycopg://app@127.0.0.1:1/app: Connection refused"
<% else %>
    url = "sqlite:////nowhere/service.db"
    reason = "sqlite:////nowhere/service.db: unable to open database file"
<% endif %>
    result = command(*arguments, APP_DATABASE__URL=url)
    assert result.returncode == 1
    assert result.stderr == (
        f"database: {reason}; check database.url, and that the database can be reached\n"
    )
<% endif %>
