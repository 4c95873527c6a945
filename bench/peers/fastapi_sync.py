"""FastAPI with SQLAlchemy in threads, and a session for each request."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Response
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from .fastapi_schemas import Category, ColorFields, Limit
from .model import POOL, URL, new, page, represent

app = FastAPI()
engine = create_engine(URL, **POOL)


def session() -> Iterator[Session]:
    with Session(engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


@app.get("/v1/colors")
def list_colors(database: Database, category: Category, limit: Limit = 20) -> dict[str, Any]:
    rows = database.scalars(page(category, limit)).all()
    return {"items": [represent(row) for row in rows[:limit]], "next_cursor": None}


@app.post("/v1/colors", status_code=201)
def create_color(database: Database, fields: ColorFields, response: Response) -> dict[str, Any]:
    color = new(**fields.model_dump())
    answer = represent(color)
    database.add(color)
    database.commit()
    response.headers["Location"] = f"/v1/colors/{answer['id']}"
    return answer
