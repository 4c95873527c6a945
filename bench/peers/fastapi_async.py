"""FastAPI with SQLAlchemy's asyncio extension."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Response
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from .fastapi_schemas import Category, ColorFields, Limit
from .model import POOL, URL, new, page, represent

app = FastAPI()
engine = create_async_engine(URL.replace("sqlite:", "sqlite+aiosqlite:", 1), **POOL)


async def session() -> AsyncIterator[AsyncSession]:
    async with AsyncSession(engine) as opened:
        yield opened


Database = Annotated[AsyncSession, Depends(session)]


@app.get("/v1/colors")
async def list_colors(database: Database, category: Category, limit: Limit = 20) -> dict[str, Any]:
    rows = (await database.scalars(page(category, limit))).all()
    return {"items": [represent(row) for row in rows[:limit]], "next_cursor": None}


@app.post("/v1/colors", status_code=201)
async def create_color(
    database: Database, fields: ColorFields, response: Response
) -> dict[str, Any]:
    color = new(**fields.model_dump())
    answer = represent(color)
    database.add(color)
    await database.commit()
    response.headers["Location"] = f"/v1/colors/{answer['id']}"
    return answer
