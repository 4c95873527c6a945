"""The command: `python -m tools.contract`."""

import argparse
import sys
from pathlib import Path

from chassis.start import StartError

from . import project
from .bring import bring
from .files import Files
from .plan import plan
from .versions import add_version


def main() -> int:
    """Makes the code follow the contract; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make contract", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, end with 1 instead")
    parser.add_argument("--from", dest="source", type=Path, help="a document that is taken over")
    parser.add_argument("--version", help="a version of the API that is added, such as v2")
    arguments = parser.parse_args()
    service = project.find(Path.cwd())
    files = Files(service.root)
    try:
        notes = bring(service, files, arguments.source) if arguments.source else []
        added = [add_version(service, files, arguments.version)] if arguments.version else []
        notes += [
            f"name it in CONTRACTS of src/{one.package}/app.py: {one.contract.name}"
            for one in added
        ]
        found = plan(service, files, *added)
    except (StartError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 1
    changes = files.report()
    print(*(changes or ["nothing to do"]), *notes, *found, sep="\n")
    if not arguments.check:
        files.save()
    return int(any(one.is_fatal for one in found) or (arguments.check and bool(changes)))


if __name__ == "__main__":
    sys.exit(main())
