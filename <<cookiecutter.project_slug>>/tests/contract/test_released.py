"""Clients of the last release: no change of openapi.yaml breaks them, but for what contract/accepted.yaml accepts.

Before the first release there are none. test_fuzz.py asks the running service as they do.
"""

from pathlib import Path

from tools.contract import project
from tools.gate.released import Released

ROOT = Path(__file__).parents[2]
RELEASED = Released(project.find(ROOT))


def test_no_change_breaks_clients() -> None:
    verdict = RELEASED.verdict()
    assert [str(change) for change in verdict.breaks] == [], "see `make contract-check`"
    assert [str(acceptance) for acceptance in verdict.unused] == [], "they accept nothing"
