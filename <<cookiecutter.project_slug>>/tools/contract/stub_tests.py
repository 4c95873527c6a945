"""Tests of stubs: each says what to do when its stub has been written."""

import json
from typing import Any

from .imports import Imports
from .names import words_of
from .operations import Operation
from .requests import Request


def name_of(operation: Operation) -> str:
    """Returns the name of the test of a stub."""
    return f"test_{words_of(str(operation.function).rpartition('.')[2])}_is_not_implemented"


def stub_test(operation: Operation, request: Request, imports: Imports) -> str:
    """Returns a test that passes as long as an operation is a stub."""
    client = imports.use("flask.testing", "FlaskClient")
    function = str(operation.function).rpartition(".")[2]
    arguments = [
        repr(request.path),
        f"method={operation.method.upper()!r}",
        *_body(request, imports),
    ]
    return (
        f"def {name_of(operation)}(client: {client}) -> None:\n"
        f'    """Fails when `{function}` is written: then test here what it does."""\n'
        f"    response = client.open({', '.join(arguments)})\n"
        "    assert response.status_code == 501, response.text\n"
    )


def _body(request: Request, imports: Imports) -> list[str]:
    arguments = [f"headers={request.headers!r}"] if request.headers else []
    if request.body is None:
        return arguments
    kind = str(request.media_type)
    if "json" in kind or kind == "*/*":
        arguments.append(f"json={request.body!r}")
        exact = "" if kind == "*/*" or kind == "application/json" else kind
    else:
        arguments.append(f"data={_data(request.body, imports)}")
        exact = kind
    return [*arguments, f"content_type={exact!r}"] if exact else arguments


def _data(body: Any, imports: Imports) -> str:
    """Returns the expression for a form, a text or bytes."""
    if isinstance(body, dict):
        fields = (f"{name!r}: {_field(value, imports)}" for name, value in body.items())
        return f"{{{', '.join(fields)}}}"
    return repr(body) if isinstance(body, str) else 'b"content"'


def _field(value: Any, imports: Imports) -> str:
    """Returns the expression for a field of a form."""
    match value:
        case str():
            return repr(value)
        case list():
            return f"[{', '.join(_field(one, imports) for one in value)}]"
        case None | bool() | int() | float() | dict():
            return repr(json.dumps(value))
    return f'({imports.use("io", "BytesIO")}(b"content"), "file")'
