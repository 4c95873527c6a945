"""The tables: example data, which the contract has."""

from flask import Flask
from tests.contract.stubs import without_stubs

from chassis.contract import collections, needs_credentials, read_contract
from chassis.database.seed import seed

from << cookiecutter.package_name >>.app import CONTRACT

DOCUMENT = read_contract(CONTRACT)
# The others are left out, with a line that says why.
PATHS = [
    path
    for path, operation in collections(without_stubs(DOCUMENT)).items()
    if not needs_credentials(DOCUMENT, operation)
]


def test_the_example_data_can_be_repeated(app: Flask) -> None:
    runner = app.test_cli_runner()
    first, again = (runner.invoke(seed, ["--count=12"]) for _ in range(2))
    assert (first.exit_code, again.exit_code) == (0, 0), first.output + again.output
    created = {f"{path}: created 12 of 12" for path in PATHS}
    assert {line for line in first.output.splitlines() if ": left out: " not in line} == created
