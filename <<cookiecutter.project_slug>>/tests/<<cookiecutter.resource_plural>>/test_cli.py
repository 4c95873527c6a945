"""The commands show what there is of << cookiecutter.__resource_plural_label >>."""

import json

from ..conftest import Command


def test_routes_come_from_the_contract(command: Command) -> None:
    assert "/v1/<< cookiecutter.__resource_path >>/<identifier>" in command("routes").stdout


def test_the_example_of_a_body_is_printed(command: Command) -> None:
    printed = command("example", "create_<< cookiecutter.resource >>")
    assert json.loads(printed.stdout)["name"] == "First"
    unknown = command("example", "forget")
    assert unknown.returncode == 1
    assert unknown.stderr == "Error: the contract has no operation forget\n"
<% if cookiecutter.__has_database %>


def test_logs_are_not_among_the_results(command: Command) -> None:
    # Alembic changes a table of SQLite only where it sees the table: the first migration has none.
    result = command("db", "upgrade", "0001", "--sql")
    assert result.returncode == 0
    assert result.stdout.lstrip().startswith("BEGIN;")
    assert "CREATE TABLE << cookiecutter.resource_plural >> (" in result.stdout.replace('"', "")
    assert "alembic" not in result.stdout.replace("alembic_version", "")
    assert "alembic.runtime.migration" in result.stderr
<% endif %>
