"""The code fits the contract: `make contract` has nothing to do, and nothing to tell that a request would find out."""

from pathlib import Path

from tools.contract import project
from tools.contract.files import Files
from tools.contract.plan import plan

ROOT = Path(__file__).parents[2]


def test_the_code_fits_the_contract() -> None:
    files = Files(ROOT)
    differences = plan(project.find(ROOT), files)
    assert files.report() == [], "run `make contract`"
    assert [str(difference) for difference in differences if difference.is_fatal] == []
