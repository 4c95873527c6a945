"""Growth: a further question costs what depends on it, and not all that there is once more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools import matrix
from tools.checker.origins import of_template
from tools.combinations import every
from tools.conditions import Space

from .synthetic import add_questions

COUNT = """
import json, sys
from collections import Counter
from pathlib import Path
from tools import checker, matrix
from tools.checker.origins import of_template
from tools.combinations import every
from tools.conditions import Space

family = of_template(Space(every()), Path(sys.argv[1]))
looks = matrix.looks(family)
faults = [fault.text for kind in ("words", "formats", "references", "settings", "code")
          for fault in matrix.faults(family, matrix.Look(kind))]
print(json.dumps([len(every()), Counter(look.kind for look in looks), faults]))
"""
# The kinds that look at what a synthetic question has a part in.
TOUCHED = {"types", "style", "chart", "containers"}


@pytest.fixture(scope="module")
def before(environment: Path) -> dict[str, int]:
    """The number of looks of each kind, as it is."""
    looks = matrix.looks(of_template(Space(every()), environment))
    return {
        kind: sum(look.kind == kind for look in looks) for kind in {look.kind for look in looks}
    }


def test_a_question_more_doubles_at_most_what_it_has_a_part_in(
    tmp_path, environment, before
) -> None:
    repository = add_questions(tmp_path / "template", 1)
    command = [sys.executable, "-c", COUNT, str(environment)]
    run = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    combinations, after, faults = json.loads(run.stdout)
    assert faults == []
    assert combinations == 2 * len(every())
    assert after.keys() == before.keys()
    for kind, count in before.items():
        if kind in TOUCHED:
            assert count < after[kind] <= 2 * count, kind
        else:
            assert after[kind] == count, kind
