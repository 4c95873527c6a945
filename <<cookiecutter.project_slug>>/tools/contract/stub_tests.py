"""Tests of stubs: each says what to do when its stub has been written."""

from .imports import Imports
from .operations import Operation
from .requests import Request


def name_of(operation: Operation) -> str:
    """Returns the name of the test of a stub."""
    return f"test_{str(operation.function).rpartition('.')[2]}_is_not_implemented"


def stub_test(operation: Operation, request: Request, imports: Imports) -> str:
    """Returns a test that passes as long as an operation is a stub."""
    client = imports.use("flask.testing", "FlaskClient")
    function = str(operation.function).rpartition(".")[2]
    arguments = [repr(request.path), f"method={operation.method.upper()!r}", *_body(request)]
    return (
        f"def {name_of(operation)}(client: {client}) -> None:\n"
        f'    """Fails when `{function}` is written: then test here what it does."""\n'
        f"    response = client.open({', '.join(arguments)})\n"
        "    assert response.status_code == 501, response.text\n"
    )


def _body(request: Request) -> list[str]:
    arguments = [f"headers={request.headers!r}"] if request.headers else []
    if request.body is None:
        return arguments
    match request.media_type:
        case str(kind) if "json" in kind or kind == "*/*":
            arguments.append(f"json={request.body!r}")
            if kind not in ("application/json", "*/*"):
                arguments.append(f"content_type={kind!r}")
        case str(kind):
            arguments += [f"data={request.body!r}", f"content_type={kind!r}"]
    return arguments
