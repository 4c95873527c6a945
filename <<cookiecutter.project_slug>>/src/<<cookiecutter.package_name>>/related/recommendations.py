"""What the service needs of another one; bindings.py says how it is reached."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Something that another service knows."""

    id: UUID
    name: str


class Recommendations(ABC):
    """Recommends."""

    @abstractmethod
    def find(self, *, category: str, limit: int) -> list[Recommendation]:
        """Returns at most `limit` of a category.

        Raises:
            InvalidAnswerError: the answer cannot be read.
        """
