"""Example data to try the service with."""

import click
from flask import current_app
from flask.cli import with_appcontext

from . import errors
from .<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service


@click.command("seed")
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=25,
    show_default=True,
    help="How many to create.",
)
@with_appcontext
def seed(count: int) -> None:
    """Create example << cookiecutter.__resource_plural_label >>; those that exist stay as they are."""
    service = current_app.extensions["injector"].get(<< cookiecutter.__resource_class >>Service)
    created = 0
    for number in range(1, count + 1):
        try:
            service.create(
                name=f"Example {number}",
                category=f"Category {number % 3 + 1}",
                priority=number % 10,
            )
            created += 1
        except errors.ConflictError:
            pass
    click.echo(f"Created {created} of {count}.")
