"""The table of << cookiecutter.__resource_plural_label >>."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from chassis.resources.sql import ResourceColumns

from .. import tables


class << cookiecutter.__resource_class >>Row(ResourceColumns, tables.Base):
    """A column for each field of the model."""

    __tablename__ = "<< cookiecutter.resource_plural >>"

    name: Mapped[str] = mapped_column(String(80), unique=True)
    category: Mapped[str] = mapped_column(String(40), index=True)
    description: Mapped[str | None] = mapped_column(String(500))
    priority: Mapped[int] = mapped_column(index=True)
