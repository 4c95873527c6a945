"""The unit of work: the changes that belong together."""

from abc import ABC, abstractmethod
from types import TracebackType

PART_HAS_FAILED = "A part of the unit of work has failed, so all of it was taken back."


class UnitOfWork(ABC):
    """A context manager: what is changed inside is stored when it ends without an error.

    A unit of work inside of another one is part of it: if the inner one fails, both do.
    """

    @abstractmethod
    def __enter__(self) -> None: ...

    @abstractmethod
    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
