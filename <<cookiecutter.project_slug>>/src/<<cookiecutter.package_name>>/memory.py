"""The unit of work of repositories that live in memory."""

from threading import RLock
from types import TracebackType

from .unit_of_work import UnitOfWork


class InMemoryUnitOfWork(UnitOfWork):
    """Lets one change happen at a time, so that a check and the change after it stay together."""

    def __init__(self) -> None:
        self._lock = RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.release()
