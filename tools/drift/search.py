"""Runs the jobs on the newest versions, and what broke on others until the cause is known."""

import sys
import time
from collections.abc import Iterable, Mapping, Sequence

from .. import index
from .causes import Fails, TimeIsOver, search
from .copies import Copy
from .jobs import BLOCKING, Broken, Job
from .mixes import Locks, Mix, Upgrade, coherent, mix, upgrades
from .report import Finding


class Search:
    """What is known of the jobs on the newest versions and on mixes of these and the locked ones."""

    def __init__(self, copy: Copy, old: Locks, new: Locks, until: float):
        """Begins a search.

        Args:
            copy: has the newest versions.
            old: the locked versions.
            new: the newest versions.
            until: no run starts after this time of `time.monotonic`.
        """
        self.copy = copy
        self.old = old
        self.new = new
        self.until = until
        self.known: dict[tuple[str, Mix], Broken | None] = {}

    def findings(self, jobs: Iterable[Job]) -> list[Finding]:
        """Runs the jobs and finds the cause of all that breaks.

        Raises:
            UnreachableError: the index could not be asked.
        """
        broken = []
        for job in jobs:
            say(f"{job.name}: on the newest versions")
            broken.append((job, job.run(self.copy)))
        groups = coherent(upgrades(self.old, self.new), self.copy.requires())
        found: dict[str, Finding] = {}
        for job, breakages in broken:
            for what, breakage in breakages.items():
                if what in found:
                    found[what].breakage.answers.extend(breakage.answers)
                    continue
                own = [group for group in groups if group[0].owner in job.owners]
                verdict = search(own, self.fails(job, what, breakages), index.releases)
                found[what] = Finding(what, breakage, verdict)
        return list(found.values())

    def fails(self, job: Job, what: str, broken: Broken) -> Fails:
        """Returns what tells whether something that a job found broken is so on other versions."""

        def ask(upgraded: Sequence[Upgrade], bounds: Mapping[Upgrade, str]) -> bool | None:
            result = self.run(job, mix(self.old, self.new, upgraded, bounds), broken)
            if result is None:
                return None
            # A test was not run if its module could not be imported.
            hidden = any(name in BLOCKING or what.startswith(f"{name}::") for name in result)
            return None if hidden and what not in result else what in result

        return ask

    def run(self, job: Job, versions: Mix, broken: Broken) -> Broken | None:
        """Runs what a job found broken on other versions, once; None if they do not go together."""
        if (job.name, versions) not in self.known:
            if time.monotonic() > self.until:
                raise TimeIsOver
            say(f"{job.name}: on a mix of versions")
            try:
                result = job.run_again(self.copy, versions, broken)
            except index.UnsolvableError:
                result = None
            self.known[job.name, versions] = result
        return self.known[job.name, versions]


def say(text: str) -> None:
    """Tells how far it is, apart from the report."""
    print(text, file=sys.stderr, flush=True)
