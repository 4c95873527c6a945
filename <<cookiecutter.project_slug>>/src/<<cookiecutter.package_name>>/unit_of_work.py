"""The unit of work: the changes that are stored together or not at all."""

from abc import ABC, abstractmethod
from types import TracebackType


class UnitOfWork(ABC):
    """A context manager: stores the changes made inside it, or drops them if an error leaves it."""

    @abstractmethod
    def __enter__(self) -> None: ...

    @abstractmethod
    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
