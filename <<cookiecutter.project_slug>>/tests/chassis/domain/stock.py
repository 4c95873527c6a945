"""An operation that asks another service."""

from typing import Any

from injector import Inject
from requests import Session

from .things import Things


class Stock:
    """The service that knows how many there are of a thing."""

    def __init__(self, session: Session) -> None:
        """Uses a session whose URLs are paths of that service."""
        self._session = session

    def find(self, name: str) -> Any:
        """Returns what the service knows of a thing."""
        answer = self._session.get("/v1/stock", params={"name": name})
        answer.raise_for_status()
        return answer.json()


def get_stock(things: Inject[Things], stock: Inject[Stock], number: int) -> Any:
    """GET /things/{number}/stock"""
    return stock.find(things.get(number).name)
