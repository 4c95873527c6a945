"""The command: `python -m tools.contract`."""

import argparse
import sys
from pathlib import Path

from chassis.start import StartError

from . import project
from .plan import plan


def main() -> int:
    """Makes the code follow the contract; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, end with 1 instead")
    arguments = parser.parse_args()
    service = project.find(Path.cwd())
    try:
        found = plan(service)
    except (StartError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 1
    changes = found.files.report()
    print(*(changes or ["nothing to do"]), *found.differences, sep="\n")
    if not arguments.check:
        found.files.save()
    return int(found.is_fatal or (arguments.check and bool(changes)))


if __name__ == "__main__":
    sys.exit(main())
