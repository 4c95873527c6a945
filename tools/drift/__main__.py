"""Find out what the newest versions of the packages break: python -m tools.drift [JOB ...]

It works on a copy of the repository, which it removes. The status is 1 if something breaks, and 3 if the
package index could not be asked.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ..index import UNREACHABLE, UnreachableError, UnsolvableError
from .copies import Copy
from .jobs import JOBS, Job
from .mixes import upgrades
from .report import Finding, markdown
from .search import Search

# From then on causes are not searched any more, so that a pipeline ends with a report.
MINUTES = 120


def drift(directory: Path, jobs: Sequence[Job]) -> tuple[list[Finding], str]:
    """Runs jobs on the newest versions; returns what breaks, and the report.

    Args:
        directory: an empty one.
        jobs: what is run.

    Raises:
        UnsolvableError: there are no newest versions that go together.
        UnreachableError: the index could not be asked.
    """
    copy = Copy(directory)
    old = copy.locks()
    news = copy.renew()
    new = copy.locks()
    concerned = {upgrade.owner for upgrade in upgrades(old, new)}
    jobs = [job for job in jobs if concerned & {*job.owners}]
    if not jobs:
        return [], markdown(news, [], [])
    search = Search(copy, old, new, time.monotonic() + 60 * MINUTES)
    findings = search.findings(jobs)
    return findings, markdown(news, findings, [job.name for job in jobs])


def main() -> None:
    """Prints the report, and writes it to a file."""
    parser = argparse.ArgumentParser(prog="python -m tools.drift", description=__doc__)
    names = [job.name for job in JOBS]
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"of {', '.join(names)}")
    parser.add_argument("--output-file", type=Path, help="where the report is written to")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.jobs if name not in names]:
        parser.error(f"there is no job {unknown[0]!r}")
    jobs = [job for job in JOBS if not arguments.jobs or job.name in arguments.jobs]
    with tempfile.TemporaryDirectory(prefix="chassis-drift-") as directory:
        # The tests start servers as other users.
        Path(directory).chmod(0o755)
        try:
            findings, report = drift(Path(directory), jobs)
        except UnreachableError as error:
            print(error, file=sys.stderr)
            sys.exit(UNREACHABLE)
        except UnsolvableError as error:
            sys.exit(str(error))
    print(report, end="")
    if arguments.output_file:
        arguments.output_file.write_text(report, encoding="utf-8")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
