"""Prove that no combination of answers has a fault that the checker can find: python -m tools.matrix [--whole]

No service is generated. Lines, names and definitions are compared with their conditions; tools look at files that
they have to see together, once for each set of texts that these files have in any service. What tools found clean is
remembered in .matrix/, so that a run that was stopped, or that found faults, goes on where it was.

With --whole, services in which any three answers meet are also generated and checked as they are.
"""

import argparse
import hashlib
import multiprocessing
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from . import checker, environment
from .checker.family import Family
from .checker.file import Fault
from .checker.origins import of_template
from .checker.programs import Program
from .combinations import describe, every, triples
from .conditions import Condition, Space
from .template import REPOSITORY, render

MEMORY = REPOSITORY / ".matrix"
LOCK = REPOSITORY / "<<cookiecutter.project_slug>>" / "requirements-dev.txt"


class Look(NamedTuple):
    """A kind of fault, and the combination whose files a tool looks at; none is all at once."""

    kind: str
    combination: Condition | None = None


class Whole(NamedTuple):
    """A combination that is generated and checked."""

    combination: Condition


def looks(family: Family) -> list[Look]:
    """All that has to be looked at, what takes long first."""
    programs = [
        Look(kind, combination)
        for kind in reversed(checker.OF_PROGRAMS)
        for combination in program(kind, family).combinations
    ]
    return [*map(Look, checker.OF_FAMILIES), *programs]


@cache
def program(kind: str, family: Family) -> Program:
    """What the tools of a kind look at."""
    found: Program = checker.OF_PROGRAMS[kind].program(family)
    return found


def faults(family: Family, look: Look | Whole) -> list[Fault]:
    """Looks, and returns what is wrong."""
    with tempfile.TemporaryDirectory(prefix="chassis-matrix-") as directory:
        if isinstance(look, Whole):
            answers = family.space.example(look.combination)
            try:
                root = render(Path(directory, "service"), **answers)
                texts = list(checker.faults(root, answers, family.environment))
            except Exception as error:  # whatever it is, the other combinations go on
                texts = [f"could not be rendered or checked: {type(error).__name__}: {error}"]
            return [Fault(text, look.combination) for text in texts]
        if look.combination is None:
            return list(checker.OF_FAMILIES[look.kind].faults(family))
        service = program(look.kind, family).write(look.combination, Path(directory, "service"))
        found = checker.OF_PROGRAMS[look.kind].faults(service)
        return [Fault(text, look.combination) for text in found]


def look_at_all(
    family: Family, todo: Iterable[Look | Whole]
) -> Iterator[tuple[Look | Whole, list[Fault]]]:
    """Looks with several processes, and gives what each look has found when it is done."""
    # The processes get the family by being copies of this one. Ctrl-C is for this one, which lets the others end.
    global _family
    _family = family
    context = multiprocessing.get_context("fork")
    ignored = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    with ProcessPoolExecutor(mp_context=context, **ignored) as pool:
        jobs = {pool.submit(look_in_copy, look): look for look in todo}
        try:
            for job in as_completed(jobs):
                yield jobs[job], job.result()
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


_family: Family


def look_in_copy(look: Look | Whole) -> list[Fault]:
    """Looks at the family of the process that this one is a copy of."""
    return faults(_family, look)


def packages() -> Path:
    """An environment with the packages of every option, which lasts until the lock changes."""
    state = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    for old in MEMORY.glob("packages-*"):
        if old.name != f"packages-{state}":
            shutil.rmtree(old)
    return environment.provide(MEMORY / f"packages-{state}")


def report(space: Space, found: Iterable[Fault]) -> Iterator[str]:
    """Tells each fault, and for which combinations."""
    conditions: dict[str, Condition] = {}
    for fault in found:
        conditions[fault.text] = conditions.get(fault.text, 0) | fault.condition
    for text, condition in conditions.items():
        more = condition.bit_count() - 1
        yield f"{text}\n    with {describe(space.example(condition))}" + (
            f" and {more} more" if more else ""
        )


def summary(family: Family, done: Iterable[Look | Whole]) -> str:
    """Tells what was looked at."""
    looks = list(done)
    counts = Counter(look.kind for look in looks if isinstance(look, Look) and look.combination)
    parts = [segment for file in family.files.values() for segment in file.segments]
    programs = ", ".join(f"{kind} {counts[kind]}" for kind in sorted(counts))
    services = sum(isinstance(look, Whole) for look in looks)
    return (
        f"{len(family.space.combinations)} combinations of answers, by {len(family.files)} files "
        f"in {sum(map(len, parts))} parts, {len(family.modules)} texts of modules, "
        f"as many programs: {programs}, and {services or 'no'} whole services"
    )


def main() -> None:
    """Prints each fault, where it was found, and a summary; the status is 1 if there are faults."""
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__)
    parser.add_argument("--again", action="store_true", help="forget what was found clean")
    parser.add_argument("--whole", action="store_true", help="generate services, too")
    arguments = parser.parse_args()
    if arguments.again:
        shutil.rmtree(MEMORY, ignore_errors=True)
    start = time.monotonic()
    family = of_template(Space(every()), packages())
    todo: list[Look | Whole] = [*looks(family)]
    if arguments.whole:
        todo += [Whole(family.space.where(**answers)) for answers in triples()]
    found: list[Fault] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    try:
        with Progress(*columns, TimeElapsedColumn()) as progress:
            task = progress.add_task("looks", total=len(todo))
            for _, wrong in look_at_all(family, todo):
                found += wrong
                progress.advance(task)
    except KeyboardInterrupt:
        sys.exit("Stopped; run it again to go on from here.")
    for lines in report(family.space, found):
        print(lines)
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    print(f"{summary(family, todo)}: {len(found) or 'no'} faults, {minutes} min {seconds} s.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
