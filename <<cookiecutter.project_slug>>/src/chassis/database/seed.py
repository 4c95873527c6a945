"""Example data to try a service with, from the examples of its contract."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from ..contract import collections, documents, example_body, numbered_texts
from .engine import check

__all__ = ["seed"]


@click.command("seed")
@click.option(
    "--count",
    type=click.IntRange(1, 99_999),
    default=25,
    show_default=True,
    help="How many to create of each kind.",
)
@with_appcontext
def seed(count: int) -> None:
    """Create example data: what the contract has as an example, and more of them with numbers.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer, or has no tables.
    """
    check()
    # An error of the database is one of this command, and no response of the service.
    current_app.config["PROPAGATE_EXCEPTIONS"] = True
    client = current_app.test_client()
    filled: set[str] = set()
    for document in documents():
        base = urlsplit(document["servers"][0]["url"]).path.rstrip("/")
        for path, operation in collections(document).items():
            if path in filled:  # another version of the API has it, too
                continue
            filled.add(path)
            example = example_body(document, operation)
            texts = numbered_texts(document, operation)
            created = sum(
                _create(client, base + path, example, texts, number + 1) for number in range(count)
            )
            click.echo(f"{path}: created {created} of {count}")


def _create(client: Any, path: str, example: Any, texts: Sequence[str], number: int) -> bool:
    """Creates the example as it is, or with a number in its first text, or in more texts if that is taken.

    Raises:
        ClickException: the service refuses the example.
    """
    # The first has no number: what is created once more meets it, whichever text is unique.
    for numbered in range(1, max(len(texts), 1) + 1) if number > 1 else [0]:
        changes = {name: f"{example[name]} {number}" for name in texts[:numbered]}
        response = client.post(path, json={**example, **changes} if changes else example)
        if response.status_code == HTTPStatus.CREATED:
            return True
        if response.status_code != HTTPStatus.CONFLICT:
            raise click.ClickException(f"POST {path}: {response.get_data(as_text=True)}")
    return False
