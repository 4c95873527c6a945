"""What the tables of the service share."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.resources.sql import NAMING_CONVENTION, TYPES


class Base(DeclarativeBase):
    """The base of all tables; `db migrate` compares them with the database."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map = TYPES
