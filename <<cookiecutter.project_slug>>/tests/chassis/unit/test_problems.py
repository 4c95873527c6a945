"""Problem documents: what a client learns of an error, and what it does not."""

from http import HTTPStatus

import pytest
from connexion.exceptions import BadRequestProblem
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from chassis import tracing
from chassis.contract import problems, serialization


class OutOfStockError(Exception):
    """An error of some domain."""


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    serialization.init_app(app)
    tracing.init_app(app)
    problems.init_app(app, {OutOfStockError: HTTPStatus.CONFLICT})

    @app.get("/<name>")
    def fail(name: str) -> str:
        match name:
            case "domain":
                raise OutOfStockError("None left.")
            case "connexion":
                raise BadRequestProblem(detail="Not so.")
            case "bug":
                raise ZeroDivisionError("password")
            case "busy":
                raise ServiceUnavailable(retry_after=7)
            case _:
                abort(410)

    return app.test_client()


@pytest.mark.parametrize(
    ("name", "status", "title", "detail"),
    [
        ("domain", 409, "Conflict", "None left."),
        ("connexion", 400, "Bad Request", "Not so."),
        ("bug", 500, "Internal Server Error", problems.FAILURE),
    ],
)
def test_an_error_becomes_a_problem(
    client: FlaskClient, name: str, status: int, title: str, detail: str
) -> None:
    response = client.get(f"/{name}")
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    document = response.get_json()
    assert len(document.pop("trace")) == 32
    assert document == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/{name}",
    }


def test_a_bug_is_logged_with_its_traceback(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/bug")
    assert "ZeroDivisionError: password" in caplog.text


def test_headers_of_an_error_are_kept(client: FlaskClient) -> None:
    assert client.get("/busy").headers["Retry-After"] == "7"
    assert client.post("/busy").headers["Allow"]


def test_a_path_that_is_unknown_is_a_problem(client: FlaskClient) -> None:
    response = client.get("/un/known")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
