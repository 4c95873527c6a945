"""The metrics of all workers, which share their counts in files."""

import atexit
import errno
import fcntl
import logging
import mmap
import os
import struct
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from prometheus_client import Metric, multiprocess, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

__all__ = ["DIRECTORY", "SharedCounts", "count_as", "free_number", "remove_gauges", "share"]

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's variable: where the workers share their counts."""

# By how much a file grows.
STEP_BYTES = 2 * mmap.PAGESIZE
# The bytes of a value besides its key: the length of the key, up to 8 bytes of padding, two numbers.
VALUE_BYTES = 4 + 8 + 16
RETRY_SECONDS = 10
# The exceptions that prometheus_client raises when it reads a file with foreign content.
UNREADABLE = (
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
)

log = logging.getLogger(__name__)

_number = 0
_lock = -1
_reported: set[Path] = set()


def share(directory: str) -> None:
    """Makes this process and its workers count in files, which are removed when this process ends.

    Modules that count have to be imported afterwards.

    Args:
        directory: the directory of the files, for this process alone; a new temporary directory if empty.

    Raises:
        OSError: the directory cannot be used, or another process uses it.
    """
    global _lock
    path = Path(directory or tempfile.mkdtemp(prefix="metrics-"))
    path.mkdir(parents=True, exist_ok=True)
    _lock = os.open(path, os.O_RDONLY)
    fcntl.flock(_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    atexit.register(_end, path, os.getpid())
    _remove_files(path)
    os.environ[DIRECTORY] = str(path)
    values.MmapedDict = CountsFile  # type: ignore[attr-defined, assignment]
    values.ValueClass = values.MultiProcessValue(lambda: _number)


def _end(path: Path, pid: int) -> None:
    # The workers inherit this.
    if os.getpid() == pid:
        with suppress(OSError):
            _remove_files(path)
            path.rmdir()


def _remove_files(path: Path) -> None:
    for file in path.glob("*_[0-9]*.db"):
        file.unlink()


def free_number(taken: Iterable[int]) -> int:
    """Returns the lowest number that no worker has, for a new worker.

    The new worker continues the files of the worker that had the number before. So there are
    never more files than workers at a time, and the totals stay.
    """
    others = set(taken)
    number = next(number for number in count(1) if number not in others)
    remove_gauges(number)
    return number


def count_as(number: int) -> None:
    """Makes this worker process count under its number."""
    global _number
    _number = number
    os.close(_lock)


def remove_gauges(number: int) -> None:
    """Removes the gauges of a worker that has ended; its counters stay in the totals."""
    with suppress(OSError):
        multiprocess.mark_process_dead(number)


class CountsFile(MmapedDict):
    """A file of counts that has no holes.

    prometheus_client maps files with holes. The system ends a process that writes to a hole where the
    device is full (SIGBUS). This class fills each page before it is mapped; values that the device has
    no room for are left out.
    """

    _f: Any = None
    _m: Any = None
    _capacity: int
    _used: int

    def __init__(self, filename: str) -> None:
        self._path = Path(filename)
        self._positions = {}
        self._retry_at = 0.0

    def read_value(self, key: str) -> Any:
        """Returns a value and its time."""
        if not self._make_room(key):
            return 0.0, 0.0
        return super().read_value(key)  # type: ignore[no-untyped-call]

    def write_value(self, key: str, value: float, timestamp: float) -> None:
        """Writes a value and its time, if there is room for them."""
        if key in self._positions or self._make_room(key):
            super().write_value(key, value, timestamp)  # type: ignore[no-untyped-call]

    def _make_room(self, key: str) -> bool:
        if time.monotonic() < self._retry_at:
            return key in self._positions
        try:
            if self._m is None:
                self._open()
            while key not in self._positions and self._room() < len(key.encode()) + VALUE_BYTES:
                self._grow()
        except OSError as error:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            _report(self._path.parent, f"Metrics are incomplete: {self._path}: {error.strerror}")
            return False
        return True

    def _open(self) -> None:
        if not _size(self._path):
            _reserve(self._path)
        elif fault := _fault(self._path):
            log.error("The counts in %s are lost, it is damaged: %r", self._path, fault)
            self._path.unlink()
            _reserve(self._path)
        super().__init__(str(self._path))  # type: ignore[no-untyped-call]

    def _room(self) -> int:
        return self._capacity - self._used

    def _grow(self) -> None:
        _reserve(self._path)
        self._capacity += STEP_BYTES
        self._m = mmap.mmap(self._f.fileno(), self._capacity)


def _reserve(path: Path) -> None:
    """Appends zeros to a file; the file stays as it is if there is no room for them."""
    with path.open("ab", buffering=0) as file:
        size = file.tell()
        if file.write(bytes(STEP_BYTES)) < STEP_BYTES:
            file.truncate(size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class SharedCounts(Collector):
    """Sums the files, except those that are unreadable or empty."""

    def collect(self) -> Iterable[Metric]:
        """Returns the metrics of all workers."""
        directory = Path(os.environ[DIRECTORY])
        if not directory.is_dir():
            _report(directory, f"Metrics are incomplete: {directory} is gone")
        files = [path for path in directory.glob("*.db") if _size(path)]
        try:
            return _merge(files)
        except UNREADABLE:
            return _merge(filter(_is_readable, files))


def _merge(files: Iterable[Path]) -> Iterable[Metric]:
    metrics: Iterable[Metric] = MultiProcessCollector.merge(map(str, files))
    return metrics


def _fault(path: Path) -> Exception | None:
    try:
        _merge([path])
    except UNREADABLE as error:
        return error
    return None


def _is_readable(path: Path) -> bool:
    fault = _fault(path)
    # Gauges of a worker that is gone are removed at any time.
    if fault and path.exists():
        _report(path, f"Metrics are incomplete: {path} cannot be read: {fault!r}")
    return not fault


def _report(path: Path, message: str) -> None:
    """Logs a message, once for each path in a process."""
    if path not in _reported:
        _reported.add(path)
        log.error(message)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
