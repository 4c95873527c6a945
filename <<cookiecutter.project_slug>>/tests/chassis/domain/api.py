"""The operations of the things."""

from typing import Any

from injector import Inject

from .things import Thing, Things


def list_things(things: Inject[Things]) -> dict[str, Any]:
    """GET /things"""
    return {"items": [represent(thing) for thing in things.list()]}


def create_thing(
    things: Inject[Things], body: dict[str, Any]
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """POST /things"""
    created = things.create(body["name"])
    return represent(created), 201, {"Location": f"things/{created.number}"}


def get_thing(things: Inject[Things], number: int) -> dict[str, Any]:
    """GET /things/{number}"""
    return represent(things.get(number))


def represent(thing: Thing) -> dict[str, Any]:
    """Returns a thing as the contract has it."""
    return {"number": thing.number, "name": thing.name}
