"""The command line: Flask's commands, and those of the service."""

import click
from flask import Flask
<% if not cookiecutter.__has_database %>
from flask.cli import FlaskGroup
<% endif %>

from chassis import logs
from chassis.contract.commands import example_command
<% if cookiecutter.__has_database %>
from chassis.database import commands
from chassis.database.seed import seed
<% endif %>
from chassis.settings import effective
from chassis.start import or_exit

from . import SERVICE_NAME, configuration
from .app import CONTRACT, create_app


def _create_app() -> Flask:
    loaded = configuration.load_or_exit()
    # Standard output is for the result of a command.
    logs.configure(loaded.log, SERVICE_NAME, stream="stderr")
    with or_exit():
        return create_app(loaded)


<% if cookiecutter.__has_database %>
@click.group(cls=commands.Group, create_app=_create_app, load_dotenv=False)
<% else %>
@click.group(cls=FlaskGroup, create_app=_create_app, load_dotenv=False)
<% endif %>
def main() -> None:
    """Commands of << cookiecutter.project_slug >>."""


@main.command("show-config")
def show_config() -> None:
    """Print the effective settings and their sources."""
    for key, value, source in effective(configuration.load_or_exit()):
        click.echo(f"{key} = {value}  # {source}")


main.add_command(example_command(CONTRACT))
<% if cookiecutter.__has_database %>
main.add_command(seed)
<% endif %>
