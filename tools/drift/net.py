"""Checks services for combinations of answers: python -m tools.drift.net ENVIRONMENT

Reads the combinations from its input and prints each fault with the combinations that have it, as JSON.
"""

import json
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .. import checker
from ..combinations import describe
from ..template import Answers, render


def check(packages: Path, answers: Answers) -> list[str]:
    """Renders a service and returns its faults.

    Args:
        packages: an environment with the packages of every option.
        answers: those of the service.
    """
    with tempfile.TemporaryDirectory() as directory:
        try:
            service = render(Path(directory, "service"), **answers)
            return list(checker.faults(service, answers, packages))
        except Exception as error:  # whatever it is, the other combinations go on
            return [f"could not be rendered or checked: {type(error).__name__}: {error}"]


def main() -> None:
    """Checks the combinations, several at a time."""
    combinations = json.load(sys.stdin)
    found: dict[str, list[str]] = {}
    with ProcessPoolExecutor() as pool:
        results = pool.map(partial(check, Path(sys.argv[1])), combinations)
        for answers, faults in zip(combinations, results, strict=True):
            for fault in dict.fromkeys(faults):
                found.setdefault(fault, []).append(describe(answers))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
