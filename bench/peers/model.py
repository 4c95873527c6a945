"""The table of the generated service, which all of them read and write."""

import os
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import DateTime, Select, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ.get("BENCH_DATABASE_URL", "sqlite://")
POOL = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 60}


class Base(DeclarativeBase):
    """The base class of the models."""


class Color(Base):
    """A color."""

    __tablename__ = "colors"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(40))
    description: Mapped[str | None] = mapped_column(String(500))
    priority: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def page(category: str, limit: int) -> Select[Any]:
    """The query of a page; one more row would tell that there is another page."""
    found = select(Color).where(Color.category == category)
    return found.order_by(Color.name, Color.id).limit(limit + 1)


def new(name: str, category: str, description: str | None, priority: int) -> Color:
    """A color that is to be added."""
    now = datetime.now(UTC)
    return Color(
        id=uuid4(),
        name=name,
        category=category,
        description=description,
        priority=priority,
        created_at=now,
        updated_at=now,
    )


def represent(color: Any) -> dict[str, Any]:
    """What is answered of a color."""
    return {
        "id": str(color.id),
        "name": color.name,
        "category": color.category,
        "description": color.description,
        "priority": color.priority,
        "created_at": color.created_at.isoformat(),
        "updated_at": color.updated_at.isoformat(),
    }
