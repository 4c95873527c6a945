"""chassis.contract.stubs: an operation that is not written yet says so."""

import sys
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from chassis import contract
from chassis.contract.stubs import OperationNotImplementedError, has_stub


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


def test_a_stub_names_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def stub() -> None:
        raise OperationNotImplementedError

    module: Any = ModuleType("handlers")
    module.stub, module.written = stub, lambda: None
    monkeypatch.setitem(sys.modules, "handlers", module)
    assert has_stub({"operationId": "stub", "x-openapi-router-controller": "handlers"})
    assert has_stub({"operationId": "handlers.stub"})
    assert not has_stub({"operationId": "handlers.written"})
