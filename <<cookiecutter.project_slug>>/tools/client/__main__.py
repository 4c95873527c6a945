"""The command: `python -m tools.client`."""

import argparse
import sys
from pathlib import Path

from chassis.start import StartError

from ..contract import project
from ..contract.files import Files
from .plan import plan


def main() -> int:
    """Makes the client of a service, or makes it anew; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make client", description=__doc__)
    parser.add_argument("--name", default="", help="what the service is called here")
    parser.add_argument("--from", dest="source", type=Path, help="its OpenAPI document")
    arguments = parser.parse_args()
    service = project.find(Path.cwd())
    files = Files(service.root)
    try:
        notes = plan(service, files, arguments.name, arguments.source)
    except (StartError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 1
    print(*(files.report() or ["nothing to do"]), *notes, sep="\n")
    files.save()
    return 0


if __name__ == "__main__":
    sys.exit(main())
