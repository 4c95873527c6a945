"""What both services with FastAPI take."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

Category = Annotated[str, Query(min_length=1, max_length=40)]
Limit = Annotated[int, Query(ge=1, le=100)]


class ColorFields(BaseModel):
    """The fields of a new color."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    category: str = Field(min_length=1, max_length=40)
    description: str | None = Field(None, max_length=500)
    priority: int = Field(0, ge=0, le=1000)
