"""Recommendations by HTTP."""

from uuid import UUID

from pydantic import BaseModel, ValidationError
from requests import Session

from ..errors import InvalidAnswerError
from .recommendations import Recommendation, Recommendations


class _Item(BaseModel):
    id: UUID
    name: str


class _Answer(BaseModel):
    items: list[_Item]


class HttpRecommendations(Recommendations):
    """Asks the service of recommendations."""

    def __init__(self, session: Session) -> None:
        """Uses a session whose URLs are paths of that service."""
        self._session = session

    def find(self, *, category: str, limit: int) -> list[Recommendation]:
        query: dict[str, str | int] = {"category": category, "limit": limit}
        response = self._session.get("/v1/recommendations", params=query)
        response.raise_for_status()
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise InvalidAnswerError("The recommendations cannot be read.") from error
        return [Recommendation(item.id, item.name) for item in answer.items]
