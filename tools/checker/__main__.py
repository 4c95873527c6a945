"""Generate one service and check it: python -m tools.checker [question=answer ...]"""

import sys
import tempfile
from pathlib import Path

from .. import environment
from ..template import QUESTIONS, render
from . import faults


def main() -> None:
    """Prints the faults of the service for some answers; the status is 1 if there are any."""
    given = dict(argument.partition("=")[::2] for argument in sys.argv[1:])
    unknown = [name for name in given if name not in QUESTIONS]
    if unknown:
        sys.exit(f"There is no question {unknown[0]!r}.")
    answers = {
        name: value.lower() == "true" if isinstance(QUESTIONS[name], bool) else value
        for name, value in given.items()
    }
    with tempfile.TemporaryDirectory() as directory:
        packages = environment.provide(Path(directory, "packages"))
        service = render(Path(directory, "service"), **answers)
        found = list(faults(service, answers, packages))
    print("\n".join(found) or "No faults.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
