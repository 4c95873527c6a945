"""The things, however they are kept."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


class NotFoundError(Exception):
    """There is no such thing."""


class NameTakenError(Exception):
    """Another thing has the name."""


@dataclass(frozen=True)
class Thing:
    """A number and a name, each of one thing only."""

    number: int
    name: str


class Things(ABC):
    """Keeps things."""

    @abstractmethod
    def create(self, name: str) -> Thing:
        """Keeps a thing.

        Raises:
            NameTakenError: another thing has the name.
        """

    @abstractmethod
    def list(self) -> list[Thing]:
        """Returns all things."""

    @abstractmethod
    def get(self, number: int) -> Thing:
        """Returns a thing.

        Raises:
            NotFoundError: there is no thing with this number.
        """
