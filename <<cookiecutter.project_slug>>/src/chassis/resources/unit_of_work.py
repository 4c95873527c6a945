"""The unit of work: the changes that belong together."""

from abc import ABC, abstractmethod
from types import TracebackType


class UnitOfWork(ABC):
    """A context manager: what is changed inside is stored when it ends without an error.

    A unit of work inside of another one is part of it.
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
