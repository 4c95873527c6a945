"""Render every combination of answers and check it: python -m tools.matrix [--again]

What was found clean is remembered in .matrix/ until the template or the checker changes, so that a
run that was stopped, or that found faults, goes on where it was.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from . import checker, environment
from .combinations import describe, every
from .template import REPOSITORY, Answers, render

MEMORY = REPOSITORY / ".matrix"
CLEAN = MEMORY / "clean.txt"
PACKAGES = MEMORY / "packages"
INPUTS = ("<<cookiecutter.project_slug>>", "cookiecutter.json", "hooks", "tools")


def check(answers: Answers, packages: Path) -> list[str]:
    """Renders one combination into a place of its own and returns its faults."""
    place = Path(tempfile.gettempdir(), f"chassis-matrix-{os.getpid()}")
    shutil.rmtree(place, ignore_errors=True)
    try:
        return list(checker.faults(render(place, **answers), answers, packages))
    except Exception as error:  # whatever it is, the other combinations go on
        return [f"could not be rendered or checked: {type(error).__name__}: {error}"]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def state() -> str:
    """Tells one state of the template and the checker from another."""
    digest = hashlib.sha256()
    for name in INPUTS:
        root = REPOSITORY / name
        for path in sorted([root, *root.rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def remembered() -> set[str]:
    """The combinations that were clean in this state; forgets those of any other."""
    lines = CLEAN.read_text(encoding="utf-8").splitlines() if CLEAN.exists() else []
    if lines[:1] == [state()]:
        return set(lines[1:])
    MEMORY.mkdir(exist_ok=True)
    shutil.rmtree(PACKAGES, ignore_errors=True)
    CLEAN.write_text(f"{state()}\n", encoding="utf-8")
    return set()


def run(todo: list[Answers]) -> Iterator[tuple[Answers, list[str]]]:
    """Checks combinations side by side, and gives each with its faults when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    packages = environment.provide(PACKAGES)
    # Ctrl-C is for this process, which lets the others end.
    ignored = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    with (
        Progress(*columns, TimeElapsedColumn()) as progress,
        ProcessPoolExecutor(**ignored) as pool,
    ):
        task = progress.add_task("combinations", total=len(todo))
        jobs = {pool.submit(check, answers, packages): answers for answers in todo}
        try:
            for job in as_completed(jobs):
                progress.advance(task)
                yield jobs[job], job.result()
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def main() -> None:
    """Prints each fault, where it was found, and a summary; the status is 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--again", action="store_true", help="forget what was found clean")
    if parser.parse_args().again:
        CLEAN.unlink(missing_ok=True)
    combinations = every()
    before = remembered()
    todo = [combination for combination in combinations if json.dumps(combination) not in before]
    start = time.monotonic()
    faulty: dict[str, list[str]] = {}
    try:
        for answers, faults in run(todo):
            for fault in faults:
                faulty.setdefault(fault, []).append(describe(answers))
            if not faults:
                with CLEAN.open("a", encoding="utf-8") as file:
                    file.write(f"{json.dumps(answers)}\n")
    except KeyboardInterrupt:
        sys.exit("Stopped; run it again to go on from here.")
    for fault, found_in in faulty.items():
        more = f" and {len(found_in) - 1} more" if len(found_in) > 1 else ""
        print(f"{fault}\n    with {found_in[0]}{more}")
    unclean = len(set().union(*faulty.values()))
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(
        f"{len(combinations)} combinations: {len(combinations) - unclean} clean, "
        f"{unclean} with faults; {len(todo)} checked in {minutes} min {seconds} s, "
        f"{len(combinations) - len(todo)} before."
    )
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
