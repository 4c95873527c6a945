"""Constructs of OpenAPI and Connexion, each with requests that are sent to a service and to Connexion.

Where the two do not do the same, the case says why.
"""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import connexion
import flask

Size = namedtuple("Size", ["width", "height"])
Unit = Enum("Unit", {"METRE": "m"})

JSON = "Content-Type: application/json\n\n"
FORM = "Content-Type: application/x-www-form-urlencoded\n\n"
PART = 'Content-Disposition: form-data; name="{0}"'
FILE = PART + '; filename="{1}"\nContent-Type: {2}'


def parts(*contents: tuple[str, str]) -> str:
    """Writes the header and the body of a multipart form."""
    body = "".join(f"--x\n{header}\n\n{content}\n" for header, content in contents)
    return f"Content-Type: multipart/form-data; boundary=x\n\n{body}--x--\n"


@dataclass
class Case:
    """A construct."""

    construct: str
    requests: list[str]
    operation: str = "{}"
    """In YAML: what the operation has but for its name."""
    path: str = "/things"
    path_item: str = "{}"
    components: str = "{}"
    result: Callable[[], Any] = field(default=lambda: (None, 204))
    """What the handler returns."""
    reason: str | None = None
    """Why a service does not do what Connexion does."""
    lacks: str | None = None
    """A method of the requests that the document does not have."""
    shows_empty: bool = False
    """Whether the media type counts where there is no body."""


def query(schema: str, **rest: str) -> str:
    """An operation with the parameter `x` in the query."""
    more = "".join(f", {name}: {value}" for name, value in rest.items())
    return f"{{parameters: [{{name: x, in: query, schema: {schema}{more}}}]}}"


def within(place: str, schema: str, **rest: str) -> str:
    """An operation with the parameter `x` in another place."""
    more = "".join(f", {name}: {value}" for name, value in rest.items())
    return f"{{parameters: [{{name: x, in: {place}, schema: {schema}{more}}}]}}"


def in_path(schema: str, **rest: str) -> str:
    """An operation with the parameter `x` in the path."""
    return within("path", schema, required="true", **rest)


def body(schema: str, media_type: str = "application/json", **rest: str) -> str:
    """An operation with a body."""
    more = "".join(f", {name}: {value}" for name, value in rest.items())
    return f'{{requestBody: {{content: {{"{media_type}": {{schema: {schema}}}}}{more}}}}}'


def response(schema: str, media_type: str = "application/json", status: str = "200") -> str:
    """An operation with a response."""
    content = f'{{"{media_type}": {{schema: {schema}}}}}'
    return f'{{responses: {{"{status}": {{description: Fine, content: {content}}}}}}}'


BOX = "{type: object, properties: {w: {type: integer}, h: {type: integer}}}"
TEXTS = "{type: array, items: {type: string}}"
NUMBERS = "{type: array, items: {type: integer}}"
BINARY = "{type: string, format: binary}"
GET = "GET /v1/things"
POST = "POST /v1/things"

CASES = [
    Case(
        "Scalars in a query", [f"{GET}?x=5", f"{GET}?x=a", f"{GET}?x=1.0"], query("{type: integer}")
    ),
    Case("A number", [f"{GET}?x=1.5", f"{GET}?x=-2", f"{GET}?x=1e3"], query("{type: number}")),
    Case(
        "A boolean", [f"{GET}?x=true", f"{GET}?x=false", f"{GET}?x=yes"], query("{type: boolean}")
    ),
    Case("A default", [GET], query("{type: integer, default: 7}")),
    Case("A required parameter", [GET, f"{GET}?x="], query("{type: string}", required="true")),
    Case("A nullable parameter", [f"{GET}?x=null"], query("{type: string, nullable: true}")),
    Case("An unknown parameter", [f"{GET}?y=1"], query("{type: string}")),
    Case("An enumeration", [f"{GET}?x=a", f"{GET}?x=c"], query("{type: string, enum: [a, b]}")),
    Case("Bounds", [f"{GET}?x=1", f"{GET}?x=9"], query("{type: integer, maximum: 5}")),
    Case("An exploded array", [f"{GET}?x=1&x=2", f"{GET}?x=1&x=a"], query(NUMBERS)),
    Case("An array with commas", [f"{GET}?x=a,b"], query(TEXTS, explode="false")),
    Case(
        "An array with bars",
        [f"{GET}?x=a%7Cb"],
        query(TEXTS, explode="false", style="pipeDelimited"),
    ),
    Case("A deep object", [f"{GET}?x[w]=1&x[h]=2"], query(BOX, style="deepObject")),
    Case("A text in the path", ["GET /v1/things/a"], in_path("{type: string}"), "/things/{x}"),
    Case("A number in the path", ["GET /v1/things/5"], in_path("{type: integer}"), "/things/{x}"),
    Case(
        "The rest of a path",
        ["GET /v1/things/a/b"],
        in_path("{type: string, format: path}"),
        "/things/{x}",
    ),
    Case("A header", [f"{GET}\nx: 5", f"{GET}\nx: a"], within("header", "{type: integer}")),
    Case(
        "A cookie",
        [f"{GET}\nCookie: x=5", f"{GET}\nCookie: x=a"],
        within("cookie", "{type: integer}"),
    ),
    Case("A JSON body", [POST + f'\n{JSON}{{"w": 1}}', POST + f'\n{JSON}{{"w": "a"}}'], body(BOX)),
    Case("A JSON body that is an array", [POST + f"\n{JSON}[1, 2]"], body(NUMBERS)),
    Case("JSON that cannot be read", [POST + f"\n{JSON}{{"], body(BOX)),
    Case("A required body that is missing", [POST], body(BOX, required="true")),
    Case(
        "`allOf`",
        [POST + f'\n{JSON}{{"w": 1, "name": "a"}}', POST + f'\n{JSON}{{"name": "a"}}'],
        body(
            "{allOf: [{type: object, required: [w]}, {type: object, properties: {name: {type: string}}}]}"
        ),
    ),
    Case(
        "`readOnly`",
        [POST + f'\n{JSON}{{"id": 1}}'],
        body("{type: object, properties: {id: {type: integer, readOnly: true}}}"),
    ),
    Case("A form", [POST + f"\n{FORM}w=1&h=2"], body(BOX, "application/x-www-form-urlencoded")),
    Case(
        "A file",
        [POST + "\n" + parts((FILE.format("file", "a.txt", "text/plain"), "abc"))],
        body(f"{{type: object, properties: {{file: {BINARY}}}}}", "multipart/form-data"),
    ),
    Case(
        "`connexion.NoContent`",
        [GET],
        response("{}", status="204"),
        result=lambda: (connexion.NoContent, 204),
    ),
    Case(
        "A dictionary and a status",
        [POST],
        response("{type: object}", status="201"),
        result=lambda: ({"a": 1}, 201),
    ),
    Case(
        "A body and headers",
        [GET],
        response("{type: object}"),
        result=lambda: ({"a": 1}, 200, {"X-Size": "1"}),
    ),
    Case(
        "A response of Flask",
        [GET],
        response("{type: object}"),
        result=lambda: (flask.jsonify(a=1), 202),
    ),
    Case("A text", [GET], response("{type: string}", "text/plain"), result=lambda: "abc"),
    Case(
        "A date and a decimal",
        [GET],
        response("{type: object}"),
        result=lambda: {"day": date(2026, 2, 3), "size": Decimal("1.5")},
    ),
    Case("A path that is not there", ["GET /v1/others"], path="/things"),
    Case("A method that is not there", [GET, "PUT /v1/things"], lacks="put"),
    Case(
        "A scalar that occurs more than once",
        [f"{GET}?x=1&x=2"],
        query("{type: integer}"),
        reason="Connexion takes the last one, a proxy or a log the first.",
    ),
    Case(
        "A field that occurs more than once",
        [POST + f"\n{FORM}w=1&w=2"],
        body(BOX, "application/x-www-form-urlencoded"),
    ),
    Case(
        "Booleans as Python writes them",
        [f"{GET}?x=True", f"{GET}?x=FALSE"],
        query("{type: boolean}"),
    ),
    Case(
        "Numbers as Python reads them",
        [f"{GET}?x=%2B5", f"{GET}?x=.5", f"{GET}?x=5.", f"{GET}?x=NaN", f"{GET}?x=inf"],
        query("{type: number}"),
        reason="A number is what JSON has; no bound holds for `NaN`.",
    ),
    Case(
        "A comma in an exploded array",
        [f"{GET}?x=a,b&x=c"],
        query(TEXTS),
        reason="A comma is a part of the text: only `explode: false` separates by commas.",
    ),
    Case(
        "A text where the path has a number",
        ["GET /v1/things/x"],
        in_path("{type: integer}"),
        "/things/{x}",
        reason="The path exists, and its parameter is not valid: 404 would hide that.",
    ),
    Case(
        "A query of an operation that has no parameters",
        [f"{GET}?y=1"],
        reason="It is refused as where there are parameters.",
    ),
    Case(
        "The key of a client in the query",
        [f"{GET}?key=secret"],
        "{security: [{key: []}]}",
        components="{securitySchemes: {key: {type: apiKey, in: query, name: key, x-apikeyInfoFunc: handlers.find_owner}}}",
    ),
    Case(
        "A deep object of two levels",
        [f"{GET}?x[a][b]=1"],
        query("{type: object}", style="deepObject"),
    ),
    Case(
        "A text instead of a deep object",
        [f"{GET}?x=5"],
        query(BOX, style="deepObject"),
    ),
    Case(
        "An exploded object",
        [f"{GET}?w=1&h=2"],
        query(BOX),
        reason="Each property is a name in the query, as the style `form` has it.",
    ),
    Case(
        "The style `label`",
        ["GET /v1/things/.a.b"],
        in_path(TEXTS, style="label", explode="true"),
        "/things/{x}",
        reason="Connexion does not read the style.",
    ),
    Case(
        "The style `matrix`",
        ["GET /v1/things/;x=5"],
        in_path("{type: integer}", style="matrix"),
        "/things/{x}",
        reason="Connexion does not read the style.",
    ),
    Case(
        "A parameter that is JSON",
        [f'{GET}?x={{"w":1}}', f"{GET}?x=a"],
        f"{{parameters: [{{name: x, in: query, content: {{application/json: {{schema: {BOX}}}}}}}]}}",
        reason="The content is read and checked.",
    ),
    Case(
        "A media type that is not declared",
        [POST + "\nContent-Type: text/xml\n\n<a/>", POST + f"\n{FORM}w=1"],
        body(BOX),
    ),
    Case(
        "Several media types of a body",
        [
            POST + f"\n{JSON}[1]",
            POST + f"\n{FORM}w=1",
            POST + "\nContent-Type: application/octet-stream\n\nabc",
        ],
        f"{{requestBody: {{content: {{application/x-www-form-urlencoded: {{schema: {BOX}}}, "
        f"application/json: {{schema: {NUMBERS}}}, application/octet-stream: {{schema: {BINARY}}}}}}}}}",
        reason="The schema is that of the type that was sent.",
    ),
    Case(
        "A range of media types",
        [POST + "\nContent-Type: image/png\n\nabc", POST + "\nContent-Type: text/plain\n\nabc"],
        body(BINARY, "image/*"),
        reason="A type that is not in the range is refused, as one that is not declared.",
    ),
    Case(
        "An optional body that is left out",
        [POST],
        body(NUMBERS),
        reason="An empty object is no array.",
    ),
    Case(
        "A body where none is declared",
        [
            f'DELETE /v1/things\n{JSON}{{"w": 1}}',
            f'{GET}\n{JSON}{{"w": 1}}',
            POST + f'\n{JSON}{{"w": 1}}',
        ],
    ),
    Case(
        "A body of DELETE and GET that is declared",
        [f'DELETE /v1/things\n{JSON}{{"w": 1}}', f'{GET}\n{JSON}{{"w": 1}}'],
        body(BOX),
        reason="The contract declares it, so the handler gets it.",
    ),
    Case(
        "Fields that are not declared",
        [POST + f"\n{FORM}w=1&y=2"],
        body(BOX, "application/x-www-form-urlencoded"),
        reason="A schema allows them unless it says `additionalProperties: false`.",
    ),
    Case(
        "A text instead of a file",
        [POST + "\n" + parts((PART.format("file"), "abc"))],
        body(f"{{type: object, properties: {{file: {BINARY}}}}}", "multipart/form-data"),
        reason="The handler would get a text where it expects a file.",
    ),
    Case(
        "Several files",
        [
            POST
            + "\n"
            + parts(
                (FILE.format("files", "a.txt", "text/plain"), "abc"),
                (FILE.format("files", "b.txt", "text/plain"), "def"),
            )
        ],
        body(
            f"{{type: object, properties: {{files: {{type: array, items: {BINARY}}}}}}}",
            "multipart/form-data",
        ),
        reason="The handler gets all of them.",
    ),
    Case(
        "A part that is JSON",
        [
            POST + "\n" + parts((PART.format("meta"), content))
            for content in ('{"w": 1}', '{"w": "a"}', "{")
        ],
        body(f"{{type: object, properties: {{meta: {BOX}}}}}", "multipart/form-data"),
        reason="An object in a form is JSON unless the contract says otherwise.",
    ),
    Case(
        "Dates in a query",
        [f"{GET}?x=2026-02-03", f"{GET}?x=tomorrow"],
        query("{type: string, format: date}"),
        reason="Formats are checked, and are types of Python.",
    ),
    Case(
        "Dates in a form",
        [POST + f"\n{FORM}day=2026-02-03"],
        body(
            "{type: object, properties: {day: {type: string, format: date}}}",
            "application/x-www-form-urlencoded",
        ),
        reason="The same.",
    ),
    Case(
        "Dates in JSON",
        [POST + f'\n{JSON}{{"day": "2026-02-03"}}', POST + f'\n{JSON}{{"day": "tomorrow"}}'],
        body("{type: object, properties: {day: {type: string, format: date}}}"),
        reason="The same.",
    ),
    Case(
        "The bounds of `int32`",
        [f"{GET}?x=3000000000"],
        query("{type: integer, format: int32}"),
        reason="The format says so; the database would refuse the value.",
    ),
    Case(
        "Integers of more than 64 bits",
        [POST + f"\n{JSON}[18446744073709551616]"],
        body(NUMBERS),
    ),
    Case(
        "Decimals",
        [POST + f"\n{JSON}[0.1]"],
        body("{type: array, items: {type: number, format: decimal}}"),
        reason="A decimal is exact.",
    ),
    Case(
        "The media type of a status",
        [GET],
        '{responses: {"404": {description: Missing, content: {application/problem+json: {schema: {type: object}}}}, '
        '"200": {description: Fine, content: {application/json: {schema: {type: object}}}}}}',
        result=lambda: {"a": 1},
        reason="Each status has the media type that the contract gives it.",
    ),
    Case(
        "A dictionary for any media type",
        [GET],
        response("{type: object}", "*/*"),
        result=lambda: {"a": 1},
        reason="A client could not read the keys that Connexion writes.",
    ),
    Case(
        "A dictionary for a status that is not declared",
        [GET],
        response("{type: string}", "text/plain"),
        result=lambda: ({"a": 1}, 404),
        reason="It is written as JSON.",
    ),
    Case(
        "Nothing",
        [GET],
        response("{type: object}"),
        result=lambda: None,
        shows_empty=True,
        reason="There is no body, so it is no JSON.",
    ),
    Case(
        "A status alone",
        [GET],
        response("{type: object}", status="202"),
        result=lambda: (None, 202),
        shows_empty=True,
        reason="The same.",
    ),
    Case(
        "An enumeration as a value",
        [GET],
        response("{type: object}"),
        result=lambda: {"unit": Unit.METRE},
        reason="It is its value.",
    ),
    Case(
        "An enumeration as a status",
        [GET],
        response("{type: object}"),
        result=lambda: ({"a": 1}, Enum("S", {"OK": 202}).OK),
    ),
    Case(
        "A named tuple",
        [GET],
        response(TEXTS),
        result=lambda: Size(1, 2),
        reason="It is a value, not a body with a status.",
    ),
    Case("Bytes", [GET], response(BINARY, "application/octet-stream"), result=lambda: b"abc"),
    Case(
        "A generator",
        [GET],
        response("{type: string}", "text/plain"),
        result=lambda: (text for text in ("a", "b")),
        reason="It is streamed.",
    ),
    Case(
        "A status as a text",
        [POST],
        response("{type: object}", status="201"),
        result=lambda: ({"a": 1}, "201 Created"),
        reason="Flask takes it, too.",
    ),
    Case(
        "A problem",
        [GET],
        response("{type: object}"),
        result=lambda: connexion.problem(410, "Gone", "It was here."),
    ),
    Case(
        "A problem with a status",
        [GET],
        response("{type: object}"),
        result=lambda: (connexion.problem(404, "Gone", "It was here."), 410),
        reason="The status that the handler gives counts, as for any body.",
    ),
    Case(
        "A name in the path without a parameter",
        ["GET /v1/things/5"],
        path="/things/{x}",
        reason="The handler would get what no contract describes.",
    ),
    Case(
        "A parameter whose name is no name of Python",
        ["GET /v1/things/5"],
        "{parameters: [{name: thing-id, in: path, required: true, schema: {type: integer}}]}",
        "/things/{thing-id}",
    ),
    Case(
        "A security scheme without a function",
        [GET],
        "{security: [{token: []}]}",
        components="{securitySchemes: {token: {type: http, scheme: bearer}}}",
        reason="Outside of development the start fails; in development there is a warning.",
    ),
    Case(
        "A reference to another server",
        [POST + f"\n{JSON}{{}}"],
        body('{$ref: "http://127.0.0.1:9/thing.json"}'),
    ),
    Case(
        "A pattern of ECMA 262",
        [f"{GET}?x=%D9%A3", f"{GET}?x=3"],
        query('{type: string, pattern: "^\\\\d$"}'),
        reason="JSON Schema has the patterns of ECMA 262, where `\\d` is 0 to 9.",
    ),
    Case(
        "A pattern that Python does not know",
        [f"{GET}?x=a"],
        query('{type: string, pattern: "^\\\\p{L}$"}'),
        reason="The same.",
    ),
    Case(
        "A pattern that only Python knows",
        [f"{GET}?x=A"],
        query('{type: string, pattern: "(?P<x>a)"}'),
        reason="The same; the start says which.",
    ),
    Case(
        "Responses for all statuses of a kind",
        [GET],
        response("{type: string}", "text/plain", "2XX"),
        result=lambda: "abc",
    ),
    Case(
        "HEAD beside GET",
        ["HEAD /v1/things", GET],
        reason="The operation is called, and not that of GET.",
    ),
    Case(
        "A parameter of the path item that the operation replaces",
        [f"{GET}?x=50"],
        query("{type: integer, maximum: 100}"),
        path_item="{parameters: [{name: x, in: query, schema: {type: integer, maximum: 10}}]}",
        reason="The parameter of the operation replaces that of the path.",
    ),
    Case(
        "A tree",
        [
            POST + f'\n{JSON}{{"children": [{{"children": []}}]}}',
            POST + f'\n{JSON}{{"children": [{{"children": 1}}]}}',
        ],
        body('{$ref: "#/components/schemas/Node"}'),
        components="{schemas: {Node: {type: object, properties: {children: {type: array, items: {$ref: '#/components/schemas/Node'}}}}}}",
    ),
]
