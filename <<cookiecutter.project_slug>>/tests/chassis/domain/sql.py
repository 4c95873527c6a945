"""The things in a table."""

from injector import inject
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from .things import NameTakenError, NotFoundError, Thing, Things


class Base(DeclarativeBase):
    """The base of all tables."""


class ThingRow(Base):
    """The table."""

    __tablename__ = "things"

    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class SqlThings(Things):
    """Uses the session of the current request."""

    @inject
    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, name: str) -> Thing:
        row = ThingRow(name=name)
        self._session.add(row)
        try:
            self._session.commit()
        except IntegrityError as error:
            self._session.rollback()
            raise NameTakenError("The name is taken.") from error
        return Thing(row.number, row.name)

    def list(self) -> list[Thing]:
        rows = self._session.scalars(select(ThingRow).order_by(ThingRow.number))
        return [Thing(row.number, row.name) for row in rows]

    def get(self, number: int) -> Thing:
        row = self._session.get(ThingRow, number)
        if row is None:
            raise NotFoundError("There is no thing with this number.")
        return Thing(row.number, row.name)
