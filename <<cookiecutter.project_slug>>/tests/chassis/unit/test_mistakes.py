"""Mistakes in a contract: each ends the start with one line that says where it is and what is wrong."""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from injector import Inject, Injector

from chassis import contract
from chassis.contract.stubs import OperationNotImplementedError

DOCUMENT = """\
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things/{number}:
    parameters:
      - name: number
        in: path
        required: true
        schema: {type: integer}
    put:
      operationId: put
      x-openapi-router-controller: handlers
      security: [{basic: []}]
      parameters:
        - name: limit
          in: query
          schema: {type: integer, default: 5}
        - name: sort
          in: query
          schema: {type: string}
      requestBody:
        content:
          application/json:
            schema:
              $ref: "#/components/schemas/Thing"
      responses:
        "200":
          description: Fine
    delete:
      operationId: delete
      x-openapi-router-controller: handlers
      responses: {"204": {description: Fine}}
components:
  schemas:
    Thing:
      type: object
      properties:
        name: {type: string, pattern: "^a"}
  securitySchemes:
    basic:
      type: http
      scheme: basic
      x-basicInfoFunc: handlers.basic
"""


def put(number: int, body: Any, limit: int, sort: str | None = None) -> None:
    """Takes what the operation has."""


def stub(**arguments: Any) -> None:
    """Is still to be written."""
    raise OperationNotImplementedError


def serve(
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
    *changes: tuple[str, str],
    text: str = DOCUMENT,
    require_security: bool = False,
    **handlers: Any,
) -> Flask:
    """Serves the document with changes."""
    module = ModuleType("handlers")
    vars(module).update(
        {
            "put": put,
            "delete": lambda number: None,
            "basic": takes_all,
            "stub": stub,
            "put_other": takes_all,
            **handlers,
        }
    )
    monkeypatch.setitem(sys.modules, "handlers", module)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (directory / "openapi.yaml").write_text(text)
    app = Flask("things")
    contract.init_app(
        app,
        Injector(),
        directory / "openapi.yaml",
        validate_responses=True,
        max_body_bytes=1000,
        body_timeout=1,
        require_security=require_security,
    )
    return app


def told(*arguments: Any, **options: Any) -> str:
    """Returns the line that ends the start, behind the name of the file."""
    with pytest.raises(contract.ContractError) as caught:
        serve(*arguments, **options)
    line = str(caught.value)
    start = f"contract: {arguments[0] / 'openapi.yaml'}:"
    assert line.startswith(start)
    assert "\n" not in line
    return line.removeprefix(start)


PATTERN = "it is no regular expression of ECMA 262, which JSON Schema has"
PUT = "PUT /things/{number}"
OTHER = """\
  /things/{other}:
    put:
      operationId: put_other
      x-openapi-router-controller: handlers
      parameters: [{name: other, in: path, required: true, schema: {type: string}}]
      responses: {"204": {description: Fine}}
components:
"""
MISTAKES: dict[str, tuple[str, str, str]] = {
    "no mapping": ("  /things", "- /things", "3: #/paths: it has to be of type object"),
    "path": ("/things/", "things/", "4: things/{number}: a path has to begin with /"),
    "reference to a schema": (
        'schemas/Thing"',
        'schemas/Thin"',
        f"25: {PUT}: requestBody/content/application/json/schema/$ref: there is no #/components/schemas/Thin",
    ),
    "reference to a parameter": (
        "- name: sort",
        "- $ref: '#/components/parameters/sort'\n        - name: sort",
        f"18: {PUT}: parameters/1/$ref: there is no #/components/parameters/sort",
    ),
    "reference of a response": (
        "description: Fine}}",
        'description: Fine, content: {text/plain: {schema: {$ref: "#/nowhere"}}}}}',
        "32: DELETE /things/{number}: responses/204/content/text/plain/schema/$ref: there is no #/nowhere",
    ),
    "pattern of a response": (
        "description: Fine}}",
        'description: Fine, content: {text/plain: {schema: {pattern: "["}}}}}',
        f"32: DELETE /things/{{number}}: responses/204/content/text/plain/schema/pattern: {PATTERN}",
    ),
    "reference to a file": (
        "#/components/schemas/Thing",
        "thing.yaml",
        f"25: {PUT}: requestBody/content/application/json/schema/$ref: thing.yaml: No such file or directory",
    ),
    "keyword of a schema": (
        "      properties:\n        name",
        "      propertys:\n        name",
        "37: #/components/schemas/Thing/propertys: there is no such keyword here; did you mean 'properties'?",
    ),
    "keyword of an operation": (
        "      operationId: put",
        "      operationID: put",
        f"11: {PUT}: operationID: there is no such keyword here; did you mean 'operationId'?",
    ),
    "keyword of the document": (
        "components:",
        "component: {}\ncomponents:",
        "33: #/component: there is no such keyword here; did you mean 'components'?",
    ),
    "keyword that is like no other": (
        "components:",
        "zzz: {}\ncomponents:",
        "33: #/zzz: there is no such keyword here",
    ),
    "missing keyword": (
        '      responses: {"204": {description: Fine}}\n',
        "",
        "29: DELETE /things/{number}: 'responses' is a required property",
    ),
    "type": (
        "type: object",
        "type: objct",
        "36: #/components/schemas/Thing/type: 'objct' is not one of"
        " 'array', 'boolean', 'integer', 'number', 'object', 'string'",
    ),
    "in": (
        "in: query",
        "in: qery",
        f"16: {PUT}: parameters/0/in: 'qery' is not one of 'path', 'query', 'header', 'cookie'",
    ),
    "style": (
        "in: query",
        "in: query\n          style: simple",
        f"17: {PUT}: parameters/0/style: 'simple' is not one of"
        " 'form', 'spaceDelimited', 'pipeDelimited', 'deepObject'",
    ),
    "required": (
        "required: true",
        "required: false",
        "8: /things/{number}: parameters/0/required: False is not one of True",
    ),
    "default": (
        "default: 5",
        "default: five",
        f"17: {PUT}: parameters/0/schema/default: 'five' is not of type 'integer'",
    ),
    "minimum": (
        "{type: integer}",
        "{type: integer, minimum: x}",
        "9: /things/{number}: parameters/0/schema/minimum: 'x' is not of type 'number'",
    ),
    "pattern of Python": (
        '"^a"',
        '"(?i)a"',
        f"38: #/components/schemas/Thing/properties/name/pattern: {PATTERN}",
    ),
    "invalid pattern": (
        "{type: string}",
        '{type: string, pattern: "("}',
        f"20: {PUT}: parameters/1/schema/pattern: {PATTERN}",
    ),
    "no handler": (
        "operationId: put",
        "operationId: putt",
        f"10: {PUT}: there is no handler for operationId putt: module 'handlers' has no attribute 'putt'",
    ),
    "no module": (
        "controller: handlers",
        "controller: handler",
        f"10: {PUT}: there is no handler for operationId put: No module named 'handler'",
    ),
    "no controller": (
        "      x-openapi-router-controller: handlers\n",
        "",
        f"10: {PUT}: there is no x-openapi-router-controller",
    ),
    "no operationId": ("      operationId: put\n", "", f"10: {PUT}: there is no operationId"),
    "doubled operationId": (
        "operationId: delete",
        "operationId: put",
        f"29: DELETE /things/{{number}}: {PUT} has the same operationId",
    ),
    "doubled path": (
        "components:\n",
        OTHER,
        f"34: PUT /things/{{other}}: {PUT} has the same path but for the names in it",
    ),
    "parameter of the path": (
        "- name: number",
        "- name: numbr",
        f"10: {PUT}: there is no parameter for {{number}} in the path",
    ),
    "path of the parameter": (
        "/things/{number}",
        "/things",
        "10: PUT /things: the path has no {number} for the parameter number",
    ),
    "security scheme": (
        "security: [{basic",
        "security: [{basik",
        f"13: {PUT}: security: there is no security scheme basik",
    ),
    "function of a security scheme": (
        "handlers.basic",
        "handlers.basik",
        f"13: {PUT}: security: there is no x-basicInfoFunc for the security scheme basic:"
        " AttributeError: module 'handlers' has no attribute 'basik'",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    old, new, line = MISTAKES[mistake]
    assert told(tmp_path, monkeypatch, (old, new)) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", " the file is empty"),
        ("- a", " not an OpenAPI document"),
        ("a: [", " not valid YAML in line 2, column 1: "),
        ("a: {b: c", " not valid YAML in line 2, column 1: "),
        ("{}", " there is no `openapi: 3.0.3` at the top"),
        ("openapi: 3.0.3", " 'info' is a required property"),
    ],
)
def test_what_is_no_document_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, line: str
) -> None:
    assert told(tmp_path, monkeypatch, text=text).startswith(line)


def test_two_documents_have_two_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = serve(tmp_path, monkeypatch)
    other = tmp_path / "other.yaml"
    other.write_text(f"servers: [{{url: /}}]\n{DOCUMENT}")
    with pytest.raises(contract.ContractError) as caught:
        contract.init_app(
            app,
            Injector(),
            other,
            validate_responses=True,
            max_body_bytes=1000,
            body_timeout=1,
        )
    line = f"contract: {other}:1: #/servers: another document is served at /, too"
    assert str(caught.value) == line


def test_the_document_is_right_without_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(tmp_path, monkeypatch, require_security=True)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "      x-basicInfoFunc: handlers.basic\n",
            "",
            "has no x-basicInfoFunc, so each call is a 401",
        ),
        (
            "scheme: basic",
            "scheme: digest",
            "is of the kind digest, which Connexion does not know, so each call is a 401",
        ),
        ("scheme: basic", "scheme: bearer", "has no x-bearerInfoFunc, so each call is a 401"),
    ],
)
def test_a_security_scheme_that_lets_nobody_in_is_told_or_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    old: str,
    new: str,
    reason: str,
) -> None:
    words = f"the security scheme basic {reason}"
    assert told(tmp_path, monkeypatch, (old, new), require_security=True) == (
        f"13: {PUT}: security: {words}"
    )
    with caplog.at_level(logging.WARNING, "chassis"):
        serve(tmp_path, monkeypatch, (old, new))
    assert [record.message for record in caplog.records if record.name.startswith("chassis")] == [
        f"contract: {words}"
    ]
    open_to_all = ("security: [{basic: []}]", "security: [{basic: []}, {}]")
    serve(tmp_path, monkeypatch, (old, new), open_to_all, require_security=True)


def test_a_stub_as_the_function_of_a_security_scheme_is_refused_where_security_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    change = ("handlers.basic", "handlers.stub")
    words = "the security scheme basic has a stub as its function, so each call is a 501"
    assert told(tmp_path, monkeypatch, change, require_security=True) == (
        f"13: {PUT}: security: {words}"
    )
    serve(tmp_path, monkeypatch, change)
    assert not [record for record in caplog.records if record.name.startswith("chassis")]


def decorated() -> Callable[..., Any]:
    @wraps(needs_more)
    def inner(*arguments: Any, **named: Any) -> Any:
        return needs_more(*arguments, **{**named, "more": 5})

    return inner


def needs_more(number: int, body: Any, more: int) -> None:
    """Takes an argument that no request has."""


def needs_sort(number: int, sort: str) -> None:
    """Takes an argument that a request may leave out."""


def takes_no_number(body: Any) -> None:
    """Does not take the argument of the path."""


def takes_little(number: int, user: str, token_info: Any) -> Any:
    """Takes what the security function has found out."""
    return number, user, token_info


def takes_all(**arguments: Any) -> None:
    """Takes whatever there is."""


def is_injected(number: int, injector: Inject[Injector]) -> None:
    """Takes an argument that is injected."""


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (needs_more, "the handler needs the argument more, which no request has"),
        (
            needs_sort,
            "the handler needs a default for the argument sort, which a request may leave out",
        ),
        (takes_no_number, "the handler does not take the argument number of the path"),
        (takes_little, None),
        (takes_all, None),
        (is_injected, None),
        (decorated(), None),
    ],
)
def test_a_handler_has_to_fit_its_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handler: Any, reason: str | None
) -> None:
    if reason is None:
        serve(tmp_path, monkeypatch, put=handler)
    else:
        assert told(tmp_path, monkeypatch, put=handler) == f"10: {PUT}: {reason}"
