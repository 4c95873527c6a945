"""What ends the start: a few words about what is wrong, where, and what to do; no traceback.

A traceback is for whoever mends code: only an error that nobody has foreseen is logged with one.
"""

import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import yaml

__all__ = [
    "StartError",
    "Turn",
    "is_news",
    "loading",
    "or_exit",
    "raised_by_a_module",
    "yaml_fault",
]

NOT_LOADED = 4
"""The exit status of a worker after which gunicorn starts no other one, and ends."""

# What PyYAML quotes of its own: tokens and indicators. All else may be part of a secret.
_TOKENS = re.compile(r"<[a-z ]+>|[\[\]{},:?-]")
_QUOTED = re.compile(r"""(['"])(.*?)\1""")

log = logging.getLogger(__name__)


class StartError(Exception):
    """The service cannot start; the message has one line for each thing that is wrong."""


class Turn:
    """Something that one process does for all that are forked after this object was made."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        os.write(writer, b"1")
        os.close(writer)

    def take(self) -> bool:
        """Whether nobody has asked before."""
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
def loading(logger: Any, turn: Turn, package: str) -> Iterator[None]:
    """Ends this process of gunicorn, and gunicorn, if the service cannot be loaded.

    Args:
        logger: gunicorn's.
        turn: to tell the reason, which is the same in each worker.
        package: the name of the service's; of a traceback, its lines are kept.
    """
    try:
        yield
    except SystemExit as error:
        if not error.code:
            raise  # gunicorn has been told to end meanwhile
        reason, fault = str(error), None
    except Exception as error:
        reason, fault = "", error
    else:
        return
    if not turn.take():
        # gunicorn is ending already; a second worker with that status would break its end.
        sys.exit()
    if fault:
        frames = _of_package(fault, package)
        logger.error("The service cannot be loaded", exc_info=(type(fault), fault, frames))
    else:
        print(reason, file=sys.stderr)
    sys.exit(NOT_LOADED)


def is_news(record: logging.LogRecord) -> bool:
    """Leaves out what gunicorn says of a worker that has told the reason by itself."""
    match record.args:
        case ("App failed to load.",) | (_, 4):
            return False
    return True


def raised_by_a_module(error: Exception) -> bool:
    """Whether an error comes from the code of a module, which was imported where it was caught."""
    names = {place.tb_frame.f_code.co_name for place in _places(error.__traceback__)}
    return "<module>" in names or isinstance(error, SyntaxError)


def yaml_fault(error: Exception) -> str:
    """Tells what a YAML parser has found in a document, and where, but nothing of its content."""
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
    """Leaves of a traceback the lines of a package, and what the last of them has called."""
    kept: TracebackType | None = None
    called = True
    for place in reversed(list(_places(error.__traceback__))):
        module = str(place.tb_frame.f_globals.get("__name__"))
        is_own = f"{module}.".startswith(f"{package}.")
        if is_own:
            called = False
        if is_own or called:
            kept = TracebackType(kept, place.tb_frame, place.tb_lasti, place.tb_lineno)
    # Where no line is the package's own, a syntax error has all that is worth knowing.
    return None if called and isinstance(error, SyntaxError) else kept


def _places(traceback: TracebackType | None) -> Iterator[TracebackType]:
    while traceback:
        yield traceback
        traceback = traceback.tb_next
