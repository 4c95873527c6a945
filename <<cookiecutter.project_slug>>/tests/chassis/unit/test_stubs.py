"""chassis.contract.stubs: an operation that is not written yet says so."""

from flask import Flask

from chassis import contract
from chassis.contract.stubs import OperationNotImplementedError


def test_a_stub_answers_501() -> None:
    app = Flask(__name__)
    contract.init_problems(app, {})

    @app.get("/things")
    def list_things() -> str:
        raise OperationNotImplementedError

    response = app.test_client().get("/things")
    assert (response.status_code, response.mimetype) == (501, "application/problem+json")
    assert response.get_json() == {
        "type": "about:blank",
        "title": "Not Implemented",
        "status": 501,
        "detail": "This operation is not implemented yet.",
        "instance": "/things",
        "trace": response.get_json()["trace"],
    }
