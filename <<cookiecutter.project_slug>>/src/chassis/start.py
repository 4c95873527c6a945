"""Errors at start: a short message says what is wrong, where, and what to do, without a traceback.

A traceback helps a developer: only an unforeseen error is logged with its traceback.
"""

import logging
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NoReturn

import yaml

__all__ = [
    "Once",
    "StartError",
    "is_unreported",
    "loading",
    "or_exit",
    "raised_by_a_module",
    "yaml_fault",
]

NOT_LOADED = 4
"""The exit status of a worker that makes gunicorn end instead of starting another worker."""

END_SECONDS = 5
"""How long a worker waits until gunicorn ends it."""

# Tokens and indicators that PyYAML quotes. All other quoted text may be part of a secret.
_TOKENS = re.compile(r"<[a-z ]+>|[\[\]{},:?-]")
_QUOTED = re.compile(r"""(['"])(.*?)\1""")

log = logging.getLogger(__name__)


class StartError(Exception):
    """The service cannot start; the message has one line for each thing that is wrong."""


class Once:
    """An action that only one process takes, of all processes that are forked after this object was made."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        os.write(writer, b"1")
        os.close(writer)

    def claim(self) -> bool:
        """Returns whether this process is the first that asks."""
        return bool(os.read(self._reader, 1))


@contextmanager
def or_exit() -> Iterator[None]:
    """Ends the process with the message of a `StartError` on standard error, and status 1."""
    try:
        yield
    except StartError as error:
        log.debug("The start has failed", exc_info=True)
        sys.exit(str(error))


@contextmanager
def loading(logger: Any, once: Once, package: str) -> Iterator[None]:
    """Ends this process of gunicorn, and gunicorn, if the service cannot be loaded.

    Args:
        logger: gunicorn's.
        once: for the report of the reason, which is the same in each worker.
        package: the name of the service's package; a traceback keeps the lines of this package.
    """
    try:
        yield
    except SystemExit as error:
        if not error.code:
            raise  # gunicorn is ending for another reason
        reason, fault = str(error), None
    except Exception as error:
        reason, fault = "", error
    else:
        return
    if not once.claim():
        _wait_to_be_ended()
    if fault:
        frames = _of_package(fault, package)
        logger.error("The service cannot be loaded", exc_info=(type(fault), fault, frames))
    else:
        print(reason, file=sys.stderr)
    sys.exit(NOT_LOADED)


def _wait_to_be_ended() -> NoReturn:
    """Waits for gunicorn's signal: gunicorn ends as soon as the worker that reports the reason has ended.

    A second worker with that status would disturb this, and in the place of one that ends with another status gunicorn
    would start the next one.
    """
    # gunicorn's own handlers do not end a worker that is not running yet.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    time.sleep(END_SECONDS)
    sys.exit()


def is_unreported(record: logging.LogRecord) -> bool:
    """Whether a record of gunicorn says more than the worker has reported itself; a logging filter."""
    match record.args:
        case ("App failed to load.",) | (_, 4):
            return False
    return True


def raised_by_a_module(error: Exception) -> bool:
    """Whether the import of a module has raised an error."""
    names = {place.tb_frame.f_code.co_name for place in _places(error.__traceback__)}
    return "<module>" in names or isinstance(error, SyntaxError)


def yaml_fault(error: Exception) -> str:
    """Describes an error of a YAML parser and its place, without the content of the document."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        problem = _QUOTED.sub(_without_content, error.problem or "")
        return f"not valid YAML in line {mark.line + 1}, column {mark.column + 1}: {problem}"
    if isinstance(error, UnicodeDecodeError):
        return "not text in UTF-8"
    if isinstance(error, yaml.reader.ReaderError):
        return f"not valid YAML: {error.reason}"
    return "not valid YAML: a date or a number that does not exist; quote it if it is a text"


def _without_content(quoted: re.Match[str]) -> str:
    return quoted[0] if _TOKENS.fullmatch(quoted[2]) else "***"


def _of_package(error: Exception, package: str) -> TracebackType | None:
    """Returns the part of a traceback that belongs to a package, and the calls below its last line."""
    kept: TracebackType | None = None
    called = True
    for place in reversed(list(_places(error.__traceback__))):
        module = str(place.tb_frame.f_globals.get("__name__"))
        is_inside = f"{module}.".startswith(f"{package}.")
        if is_inside:
            called = False
        if is_inside or called:
            kept = TracebackType(kept, place.tb_frame, place.tb_lasti, place.tb_lineno)
    # Without a line of the package, the message of a syntax error suffices.
    return None if called and isinstance(error, SyntaxError) else kept


def _places(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback:
        yield traceback
        traceback = traceback.tb_next
