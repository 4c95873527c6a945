"""Example data to try a service with, from the examples of its contract."""

from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import with_appcontext

from ..contract import (
    MissingExampleError,
    collections,
    documents,
    example_body,
    needs_credentials,
    numbered_texts,
    operation_named,
    references,
)
from ..contract.stubs import has_stub
from .engine import check

__all__ = ["example_references", "seed"]


class _LeftOutError(Exception):
    """There can be no example data of a kind; the message says why."""


@click.command("seed")
@click.option(
    "--count",
    type=click.IntRange(1, 99_999),
    default=25,
    show_default=True,
    help="How many to create of each kind.",
)
@click.option(
    "--header",
    "headers",
    multiple=True,
    callback=lambda _context, _option, values: dict(map(_header, values)),
    help="A header of each request, such as 'Authorization: Bearer TOKEN'.",
)
@with_appcontext
def seed(count: int, headers: dict[str, str]) -> None:
    """Create example data: what the contract has as an example, and more of them with numbers.

    What needs credentials is left out, unless a header has them. So is what has no example, and what is not implemented yet.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer, or has no tables.
    """
    check()
    # An error of the database is one of this command, and no response of the service.
    current_app.config["PROPAGATE_EXCEPTIONS"] = True
    test_client = current_app.test_client()
    send = {name: partial(getattr(test_client, name), headers=headers) for name in ("get", "post")}
    client = SimpleNamespace(**send)
    filled: set[str] = set()
    for document in documents():
        base = _base(document)
        for path, operation in collections(document).items():
            if path in filled:  # another version of the API has it, too
                continue
            filled.add(path)
            try:
                _check(document, operation, headers)
                example = _example(client, document, operation)
                texts = numbered_texts(document, operation)
                created = sum(
                    _create(client, base + path, example, texts, number + 1)
                    for number in range(count)
                )
                click.echo(f"{path}: created {created} of {count}")
            except (_LeftOutError, MissingExampleError) as reason:
                click.echo(f"{path}: left out: {reason}")


def _check(document: Mapping[str, Any], operation: str, headers: Mapping[str, str]) -> None:
    """Checks that an operation can create something.

    Raises:
        _LeftOutError: it cannot.
    """
    if has_stub(operation_named(document, operation)):
        raise _LeftOutError("it is not implemented yet")
    if needs_credentials(document, operation) and not headers:
        raise _LeftOutError("it needs credentials, which --header can give")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not (name.strip() and colon):
        raise click.BadParameter("write it as 'Name: value'")
    return name.strip(), value.strip()


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
