"""`make dev`: serves, and starts anew whenever the code, the contract or the settings change.

It compares the times of the files, which notices whatever editors and git do, on every file system.
"""

import importlib.util
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

DIRECTORIES = ("src", "config")
SERVER = Path("gunicorn.conf.py")
DOCUMENTS = {".json", ".yaml", ".yml"}
REFERENCE = re.compile(r"""\$ref["']?\s*:\s*["']?([^"'#\s]+)""")
CHECK_SECONDS = 0.2
SETTLE_SECONDS = 0.1
STOP_SECONDS = 3

Version = tuple[int, int, int]
Files = dict[Path, Version]

_signals: list[int] = []


def run(commands: list[str]) -> None:
    """Runs commands until a signal ends this process; a change of a file starts the current one anew.

    Args:
        commands: the last one serves; each one before it has to succeed once.
    """
    files = look()
    while not _signals:
        _run_until_change(commands, files)
        before, files = files, _settled()
        if changed := sorted({path for path, _ in before.items() ^ files.items()}):
            more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
            _say(f"changed: {changed[0]}{more}")
        for path in changed:
            if path.suffix == ".py":
                # Python knows a version by its second and its size, which this one may share with the last one.
                Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def look() -> Files:
    """Returns the versions of the files that decide what the service does."""
    found: Files = {}
    paths = list(_paths())
    for path in paths:  # the list grows by what documents refer to
        if path in found:
            continue
        with suppress(OSError):  # it may be gone
            status = path.stat()
            found[path] = (status.st_mtime_ns, status.st_size, status.st_ino)
            if path.suffix in DOCUMENTS:
                paths += _references(path, found[path])
    return found


def _paths() -> Iterator[Path]:
    yield SERVER
    for directory in DIRECTORIES:
        for parent, _, names in os.walk(directory):
            for path in (Path(parent, name) for name in names if not name.startswith(".")):
                if path.suffix in {".py", *DOCUMENTS}:
                    yield path
    if file := os.environ.get("APP_CONFIG_FILE"):
        yield Path(file)
    if secrets := os.environ.get("APP_SECRETS_DIR"):
        yield from Path(secrets).glob("[!.]*")


@lru_cache
def _references(document: Path, version: Version) -> list[Path]:
    """Returns the files that a version of a document refers to."""
    targets = REFERENCE.findall(document.read_text(encoding="utf-8", errors="replace"))
    return [Path(os.path.normpath(document.parent / target)) for target in sorted({*targets})]


def _settled() -> Files:
    """Returns the files when nothing writes to them any more."""
    files = look()
    while not _signals:
        time.sleep(SETTLE_SECONDS)
        before, files = files, look()
        if files == before:
            break
    return files


def _run_until_change(commands: list[str], files: Files) -> None:
    """Runs the first command until there are other files; removes it from the list if it succeeds before."""
    process = _start(commands[0])
    try:
        while not _over(files) and process.poll() is None:
            time.sleep(CHECK_SECONDS)
        ended = process.poll() is not None
    finally:
        _stop(process)
    if process.returncode == 0 and len(commands) > 1:
        del commands[0]
    elif ended:
        _say("the service does not run: waiting for a change")
        while not _over(files):
            time.sleep(CHECK_SECONDS)


def _over(files: Files) -> bool:
    return bool(_signals) or look() != files


def _start(command: str) -> "subprocess.Popen[bytes]":
    # In a group of its own, it gets no signal from the terminal while it may not handle it yet.
    return subprocess.Popen(  # noqa: S603 the Makefile has the commands
        shlex.split(command), stdin=subprocess.DEVNULL, process_group=0
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Ends a process and all processes that it has started, soon."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _say(message: str) -> None:
    print(f"dev: {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: _signals.append(number))
    run(sys.argv[1:])
