"""Checks the files of services for combinations of answers: python -m tools.drift.net ENVIRONMENT

Reads the combinations from its input and prints each fault with the combinations that have it, as JSON.
"""

import json
import sys
from pathlib import Path

from .. import matrix
from ..checker.origins import of_template
from ..combinations import describe
from ..conditions import NEVER, Condition, Space


def main() -> None:
    """Looks as `make matrix` does."""
    space = Space(json.load(sys.stdin))
    family = of_template(space, Path(sys.argv[1]))
    found: dict[str, Condition] = {}
    for _, faults in matrix.look_at_all(family, matrix.looks(family)):
        for fault in faults:
            found[fault.text] = found.get(fault.text, NEVER) | fault.condition
    answers = {
        text: [describe(space.example(one)) for one in space.split(condition)]
        for text, condition in found.items()
    }
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
