"""The types of the contract's schemas."""

import ast

from tools.contract.types import types_of

from chassis.contract import read_contract

from << cookiecutter.package_name >> import app


def classes(module: str) -> dict[str, str]:
    """Returns the classes of a module by their names."""
    found = [node for node in ast.parse(module).body if isinstance(node, ast.ClassDef)]
    return {node.name: ast.unparse(node) for node in found}


def test_the_types_are_those_that_make_contract_writes() -> None:
    written = app.CONTRACT.with_name("schemas.py").read_text(encoding="utf-8")
    assert classes(written) == classes(types_of(read_contract(app.CONTRACT))), "run make contract"
