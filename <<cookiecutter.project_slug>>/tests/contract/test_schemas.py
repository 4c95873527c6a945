"""The types of the contract's schemas."""

import ast
from pathlib import Path

from tools.contract import project
from tools.contract.types import HEADER, types_of

from chassis.contract import read_contract

ROOT = Path(__file__).parents[2]


def classes(module: str) -> dict[str, str]:
    """Returns the classes of a module by their names."""
    found = [node for node in ast.parse(module).body if isinstance(node, ast.ClassDef)]
    return {node.name: ast.unparse(node) for node in found}


def test_the_types_are_those_that_make_contract_writes() -> None:
    for version in project.find(ROOT).versions():
        written = version.types.read_text(encoding="utf-8")
        types = types_of(read_contract(version.contract), HEADER)
        assert classes(written) == classes(types), "run make contract"
