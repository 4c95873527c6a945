"""Example data to try a service with, from the examples of its contract."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from ..contract import collections, documents, example_body, numbered_texts, references
from .engine import check

__all__ = ["example_references", "seed"]


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
        base = _base(document)
        for path, operation in collections(document).items():
            if path in filled:  # another version of the API has it, too
                continue
            filled.add(path)
            example = _example(client, document, operation)
            texts = numbered_texts(document, operation)
            created = sum(
                _create(client, base + path, example, texts, number + 1) for number in range(count)
            )
            click.echo(f"{path}: created {created} of {count}")


def example_references(client: Any, document: Mapping[str, Any], operation: str) -> dict[str, str]:
    """Returns ids for the properties of an operation's example that refer to other resources.

    Each is that of the first resource that exists; if there is none, the example of one is created.

    Args:
        client: sends requests to the service.
        document: the contract, which has `x-refers-to` in the schemas of these properties.
        operation: the operationId.
    """
    found = references(document, operation)
    return {name: _first(client, document, path) for name, path in found.items()}


def _first(client: Any, document: Mapping[str, Any], path: str) -> str:
    url = f"{_base(document)}{path}"
    items = client.get(url).get_json()["items"]
    if not items:
        example = _example(client, document, collections(document)[path])
        items = [client.post(url, json=example).get_json()]
    found: str = items[0]["id"]
    return found


def _example(client: Any, document: Mapping[str, Any], operation: str) -> Any:
    example = example_body(document, operation)
    if found := example_references(client, document, operation):
        return {**example, **found}
    return example


def _base(document: Mapping[str, Any]) -> str:
    url: str = document["servers"][0]["url"]
    return urlsplit(url).path.rstrip("/")


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
