"""The command: `python -m tools.gate`."""

import argparse
import sys
from pathlib import Path

from chassis.contract import ContractError
from chassis.contract.references import UnresolvedReferenceError

from ..contract import project
from ..contract.files import Files
from .released import Released
from .verdict import Verdict, markdown

_NOT_RELEASED = (
    "contract/released.yaml is not there: `make contract-release` writes it, and"
    " changes are compared with it then"
)
_WHAT_TO_DO = (
    "undo what breaks clients, serve it as another version, or accept it in contract/accepted.yaml"
)


def main() -> int:
    """Compares the contract with the released one; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make contract-check", description=__doc__)
    parser.add_argument("--release", action="store_true", help="release the contract")
    arguments = parser.parse_args()
    released = Released(project.find(Path.cwd()))
    try:
        verdict = released.verdict()
        _print(verdict)
        if not released.files() and not arguments.release:
            print(_NOT_RELEASED)
        if not verdict.is_good:
            return 1
        if arguments.release:
            _release(released)
    except (ContractError, UnresolvedReferenceError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _print(verdict: Verdict) -> None:
    if text := markdown(verdict):
        print(text)
    sys.stdout.flush()
    for unused in verdict.unused:
        print(f"contract/accepted.yaml: {unused} accepts nothing: remove it", file=sys.stderr)
    if verdict.breaks:
        print(f"{len(verdict.breaks)} not accepted: {_WHAT_TO_DO}", file=sys.stderr)


def _release(released: Released) -> None:
    files = Files(Path.cwd())
    released.release(files)
    print(*(files.report() or ["nothing to do"]), sep="\n")
    files.save()


if __name__ == "__main__":
    sys.exit(main())
