"""The tables: example data, which the contract has."""

from flask import Flask
from flask.testing import FlaskClient

from chassis.contract import collections, read_contract
from chassis.database.seed import seed

from << cookiecutter.package_name >>.app import CONTRACT

PATHS = list(collections(read_contract(CONTRACT)))


def test_the_example_data_can_be_repeated(app: Flask, client: FlaskClient) -> None:
    for created in (12, 0):
        expected = "".join(f"{path}: created {created} of 12\n" for path in PATHS)
        assert app.test_cli_runner().invoke(seed, ["--count=12"]).output == expected
    for path in PATHS:
        assert len(client.get(f"/v1{path}").get_json()["items"]) == 12
