"""Calls of operations that another service describes: requests are written, answers are checked and converted.

Arguments and results have the types that handlers get: see conversion.py.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import orjson
from connexion.exceptions import InvalidSpecification

from . import mistakes
from .compilers import Compilers
from .conversion import exact_loads, needs_exact_numbers
from .document import ContractError
from .media_types import FORM, JSON, MULTIPART, MediaTypes, bare, is_json, is_range
from .operation import find
from .outline import check
from .projection import Writer
from .references import UnresolvedReferenceError
from .serialization import dump
from .violations import violations_of

__all__ = [
    "CalledContract",
    "CalledOperation",
    "CalledParameter",
    "Content",
    "NotCallableError",
    "Request",
    "UnusableAnswerError",
    "check_called",
    "key_of",
]

_STYLES = {"path": "simple", "query": "form", "header": "simple"}
# OpenAPI leaves them to what else the contract says.
_OTHER_HEADERS = {"accept", "content-type", "authorization"}


class NotCallableError(Exception):
    """An operation cannot be called as it is described; the message says why."""


class UnusableAnswerError(Exception):
    """An answer does not keep to the contract; the message says where."""


class Request(NamedTuple):
    """A request, as it is sent."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes | None


def check_called(document: Mapping[str, Any], file: Path) -> None:
    """Checks that a document is valid OpenAPI 3.0.

    Args:
        document: as `read_contract` returns it.
        file: has the document.

    Raises:
        ContractError: it is not valid; the message names the place.
    """
    try:
        check(document)
    except (ContractError, InvalidSpecification) as error:
        raise ContractError(mistakes.line(error, file, document)) from error


class CalledContract:
    """The contract of a service that is called."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Compiles nothing yet.

        Args:
            document: as `read_contract` returns it.
        """
        self._document = document
        self.compilers = Compilers(document)
        self.writer = Writer(self.compilers.schemas, "readOnly")
        self.base_path = _base_path(document)
        self._operations: dict[str, CalledOperation] = {}

    def operation(self, name: str) -> "CalledOperation":
        """Returns an operation, which is compiled once.

        Args:
            name: method and path, such as `GET /things`.

        Raises:
            NotCallableError: it cannot be called as it is described.
        """
        if name not in self._operations:
            self._operations[name] = self._compiled(name)
        return self._operations[name]

    def _compiled(self, name: str) -> "CalledOperation":
        try:
            return CalledOperation(name, self._document, self)
        except UnresolvedReferenceError as error:
            raise NotCallableError(str(error)) from error
        except ValueError as error:
            raise NotCallableError("has a pattern that cannot be read") from error


class CalledParameter(NamedTuple):
    """A parameter of an operation."""

    name: str
    location: str
    schema: Mapping[str, Any]
    required: bool
    explode: bool


class Content:
    """A body of one media type."""

    def __init__(self, media_type: str, schema: Mapping[str, Any]) -> None:
        self.is_json = is_json(media_type) or media_type in ("*/*", "application/*")
        self.is_text = media_type.startswith("text/")
        self.media_type = JSON if self.is_json and is_range(media_type) else media_type
        self.schema = schema
        self._media_types = MediaTypes({self.media_type: True})

    def has(self, media_type: str) -> bool:
        """Whether a body of a media type is one of these."""
        return is_json(media_type) if self.is_json else bool(self._media_types.find(media_type))


class CalledOperation:
    """An operation of a service that is called."""

    def __init__(self, name: str, document: Mapping[str, Any], contract: CalledContract) -> None:
        """Compiles the operation.

        Args:
            name: method and path.
            document: has the operation.
            contract: what is compiled of the document.

        Raises:
            NotCallableError: it cannot be called as it is described.
            UnresolvedReferenceError: a reference leads nowhere.
            ValueError: a pattern cannot be compiled.
        """
        self.name = name
        self.method, _, self._path = name.partition(" ")
        self._compilers = contract.compilers
        self._base_path = contract.base_path
        described = find(document, self._compilers.schemas, self._path, self.method.lower())
        self.parameters = [
            self._parameter(definition)
            for definition in described.parameters
            if definition["name"].lower() not in _OTHER_HEADERS or definition["in"] != "header"
        ]
        self.body = _content(described.body.get("content", {}))
        self.is_body_required: bool = described.body.get("required", False)
        if self.body and bare(self.body.media_type) in (FORM, MULTIPART):
            raise NotCallableError("takes a form")
        self._write = contract.writer.compile(self.body.schema) if self.body else None
        self.responses = {
            status: None if self.method == "HEAD" else _content(response.get("content", {}))
            for status, response in described.responses.items()
        }
        """What the body of each answer is; None if there is none."""
        self.answers = {s: one for s, one in self.responses.items() if s.startswith("2")}
        """The same of the answers of success."""
        if not self.answers and "default" in self.responses:
            self.answers = {"default": self.responses["default"]}
        if not self.answers:
            raise NotCallableError("has no answer for success")
        self._readers = {
            status: _Reader(content, self._compilers)
            for status, content in self.answers.items()
            if content
        }

    def write(
        self,
        path: Mapping[str, Any],
        query: Mapping[str, Any],
        headers: Mapping[str, Any],
        body: Any,
    ) -> Request:
        """Returns the request for some arguments; what is None is left out.

        Args:
            path: the parameters in the path.
            query: the parameters in the query.
            headers: the parameters in headers.
            body: of the type that the operation describes.

        Raises:
            ValueError: an argument has no form as a text.
        """
        texts = {name: quote(_path_text(name, value), safe="") for name, value in path.items()}
        explodes = {one.name: one.explode for one in self.parameters if one.location == "query"}
        accepted = dict.fromkeys(one.media_type for one in self.answers.values() if one)
        sent = {"Accept": ", ".join([*accepted, "*/*;q=0.1"])}
        sent |= {name: _text(value) for name, value in headers.items() if value is not None}
        content = self._written(body)
        if self.body and content is not None:
            sent["Content-Type"] = self.body.media_type
        return Request(
            self.method,
            self._base_path + re.sub(r"{([^}]+)}", lambda found: texts[found[1]], self._path),
            [
                (name, text)
                for name, value in query.items()
                for text in _query_texts(value, explode=explodes[name])
            ],
            sent,
            content,
        )

    def read(self, status: int, media_type: str, content: bytes) -> Any:
        """Returns the result that a successful answer has.

        Args:
            status: of the answer.
            media_type: of the answer.
            content: the body.

        Raises:
            UnusableAnswerError: the answer does not keep to the contract.
        """
        key = key_of(status, self.answers)
        if key is None or status // 100 != 2:
            raise UnusableAnswerError(f"the contract has no status {status}")
        return self._readers[key].read(media_type, content) if key in self._readers else None

    def _parameter(self, definition: Mapping[str, Any]) -> CalledParameter:
        name, location = definition["name"], definition["in"]
        if location not in _STYLES:
            raise NotCallableError(f"takes the {location} {name}")
        style = definition.get("style", _STYLES[location])
        schema = definition.get("schema", {})
        is_object = self._compilers.texts.kind(schema) == "object"
        if "content" in definition or is_object or style != _STYLES[location]:
            raise NotCallableError(f"takes the parameter {name}, which is no plain value or list")
        return CalledParameter(
            name,
            location,
            schema,
            location == "path" or definition.get("required", False),
            definition.get("explode", style == "form"),
        )

    def _written(self, body: Any) -> bytes | None:
        if self.body is None or (body is None and not self.is_body_required):
            return None
        if self.body.is_json:
            return dump(self._write(body) if self._write else body)
        content: bytes = body.encode() if self.body.is_text else body
        return content


class _Reader:
    """Reads the bodies of answers."""

    def __init__(self, content: Content, compilers: Compilers) -> None:
        self._content = content
        exact = needs_exact_numbers(content.schema, compilers.schemas)
        self._load = exact_loads if exact else orjson.loads
        self._validator = compilers.schemas.compile(content.schema, "response")
        reader = compilers.exact_reader if exact else compilers.reader
        self._read = reader.compile(content.schema)

    def read(self, media_type: str, content: bytes) -> Any:
        if not self._content.has(media_type):
            raise UnusableAnswerError(f"the media type is not {self._content.media_type}")
        try:
            if self._content.is_json:
                return self._converted(self._load(content))
            return content.decode() if self._content.is_text else content
        except RecursionError:
            raise UnusableAnswerError("the body is nested too deeply") from None
        except ValueError:
            kind = "JSON" if self._content.is_json else "UTF-8"
            raise UnusableAnswerError(f"the body is not valid {kind}") from None

    def _converted(self, value: Any) -> Any:
        if not self._validator.is_valid(value):
            fault = next(violations_of(self._validator, value, "body", []))
            raise UnusableAnswerError(f"{fault.pointer} {fault.detail}")
        return self._read(value) if self._read else value


def key_of(status: int, responses: Mapping[str, Any]) -> str | None:
    """Returns the key of responses that describes a status; None if none does."""
    keys = (str(status), f"{status // 100}XX", "default")
    return next((key for key in keys if key in responses), None)


def _base_path(document: Mapping[str, Any]) -> str:
    server = (document.get("servers") or [{"url": ""}])[0]
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return urlsplit(url).path.rstrip("/")


def _content(content: Mapping[str, Any]) -> Content | None:
    """Returns what is said of JSON, or else of the first media type."""
    media_type = next(filter(is_json, content), next(iter(content), None))
    return Content(media_type, content[media_type].get("schema", {})) if media_type else None


def _query_texts(value: Any, *, explode: bool) -> list[str]:
    if value is None:
        return []
    return [_text(one) for one in value] if explode and isinstance(value, list) else [_text(value)]


def _path_text(name: str, value: Any) -> str:
    text = _text(value)
    # Such a path would be that of another operation.
    if text in ("", ".", ".."):
        raise ValueError(f"{name} cannot be {text!r} in a path")
    return text


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case Decimal():
            return format(value, "f")
        case list():
            texts = [_text(one) for one in value]
            if any("," in text for text in texts):
                raise ValueError("an element of a list that commas separate cannot have a comma")
            return ",".join(texts)
    return dump(value).decode().strip('"')
