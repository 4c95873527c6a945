"""The tables: example data, which the contract has."""

from flask import Flask
from flask.testing import FlaskClient

from chassis.database.seed import seed

PATH = "/<< cookiecutter.__resource_path >>"


def test_the_example_data_can_be_repeated(app: Flask, client: FlaskClient) -> None:
    for expected in (f"{PATH}: created 12 of 12\n", f"{PATH}: created 0 of 12\n"):
        assert app.test_cli_runner().invoke(seed, ["--count=12"]).output == expected
    assert len(client.get(f"/v1{PATH}").get_json()["items"]) == 12
