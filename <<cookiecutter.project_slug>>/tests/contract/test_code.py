"""The code fits the contract: `make contract` has nothing to do, and nothing to tell that a request would find out."""

from pathlib import Path

from tools.contract import project
from tools.contract.plan import plan

ROOT = Path(__file__).parents[2]


def test_the_code_fits_the_contract() -> None:
    found = plan(project.find(ROOT))
    assert found.files.report() == [], "run `make contract`"
    assert [str(difference) for difference in found.differences if difference.is_fatal] == []
