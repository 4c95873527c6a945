"""The body of a request: read and checked by the media type that was sent, of those that the operation takes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import orjson
from connexion.decorators.parameter import sanitized
from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from .compilers import Compilers
from .conversion import exact_loads, needs_exact_numbers
from .forms import Form, FormReader
from .media_types import BYTES, FORM, JSON, MULTIPART, MediaTypes, bare, is_json, is_range
from .violations import Violation, violations_of


class Body:
    """The body of one operation."""

    def __init__(self, definition: Mapping[str, Any], compilers: Compilers) -> None:
        """Compiles what each media type may have.

        Args:
            definition: the request body of the document, without a reference.
            compilers: those of the document.
        """
        self._required = definition.get("required", False)
        content = definition.get("content") or {JSON: {}}
        self._types = MediaTypes({name: _Types(name, content[name], compilers) for name in content})
        first = next(iter(content))
        self._first = self._types.content[first].of(first)
        schema = compilers.schemas.merged(content[first].get("schema", {}))
        name = definition.get("x-body-name") or schema.get("x-body-name") or "body"
        self.argument: str = sanitized(name)
        self.files = frozenset(
            name for types in self._types.content.values() for name in types.files
        )
        """The names of arguments for files."""

    def read(self, request: Request, violations: list[Violation]) -> dict[str, Any]:
        """Returns what the handler gets, by the names of its arguments; adds what is wrong to the violations.

        Raises:
            UnsupportedMediaType: the operation does not take what was sent.
        """
        if not request.get_data():
            return self._read_nothing(request, violations)
        value, files = self._sent(request).read(request, violations)
        return {self.argument: value, **files}

    def _sent(self, request: Request) -> "_Content":
        if not request.mimetype and isinstance(self._first, _Raw):
            return self._first
        found = self._types.find(request.content_type or BYTES)
        if found is None:
            expected = " or ".join(self._types.content)
            raise UnsupportedMediaType(f"The request body must be {expected}.")
        return found.of(request.mimetype or BYTES)

    def _read_nothing(self, request: Request, violations: list[Violation]) -> dict[str, Any]:
        if not self._required:
            return {self.argument: self._first.left_out()}
        if request.mimetype:
            found = self._types.find(request.content_type or "")
            possible = [found.of(request.mimetype)] if found else []
        else:
            possible = [types.of(name) for name, types in self._types.content.items()]
        for content in possible:
            if content.may_be_empty:
                value, files = content.read(request, violations)
                return {self.argument: value, **files}
        violations.append(Violation("body", "#", "is required"))
        return {}


class _Types:
    """The bodies of a media type, or of a range of them."""

    def __init__(self, media_type: str, media: Mapping[str, Any], compilers: Compilers) -> None:
        schema = compilers.schemas.merged(media.get("schema", {}))
        several = is_range(media_type)
        is_form = bare(media_type) in (FORM, MULTIPART)
        self._json: _Content | None = None
        self._form: _Form | None = None
        self.files: frozenset[str] = frozenset()
        # Where any type may be sent, a schema of a text says that its content is not looked at.
        if is_json(media_type) or (several and schema.get("type") != "string"):
            self._json = _Json(media.get("schema", {}), compilers)
        if is_form or (several and compilers.texts.kind(schema) == "object"):
            self._form = _Form(media, compilers)
            self.files = self._form.files
        self._other: _Content = self._json or self._form or _Raw()
        if several:
            self._other = _Raw()

    def of(self, media_type: str) -> "_Content":
        """Returns what reads the bodies of a media type that was sent."""
        content: _Content | None = None
        if is_json(media_type):
            content = self._json
        elif bare(media_type) in (FORM, MULTIPART):
            content = self._form
        return content or self._other


class _Content(ABC):
    """The bodies of one media type."""

    may_be_empty = True

    @abstractmethod
    def read(self, request: Request, violations: list[Violation]) -> tuple[Any, Mapping[str, Any]]:
        """Returns the value and the files of the body, if it is valid."""

    @abstractmethod
    def left_out(self) -> Any:
        """Returns what the handler gets if there is no body."""


class _Described(_Content):
    """Bodies that a schema describes."""

    def __init__(self, schema: Mapping[str, Any], compilers: Compilers) -> None:
        exact = needs_exact_numbers(schema, compilers.schemas)
        self.load = exact_loads if exact else orjson.loads
        self._validator = compilers.schemas.compile(schema)
        reader = compilers.exact_reader if exact else compilers.reader
        self._read = reader.compile(schema)
        merged = compilers.schemas.merged(schema)
        self._default = merged.get("default")
        if self._default is None and not merged.get("nullable"):
            is_object = compilers.texts.kind(schema) == "object" or not merged.get("type")
            self._default = {} if is_object else None

    def left_out(self) -> Any:
        default = deepcopy(self._default)
        return self._read(default) if self._read and default else default

    def check(self, value: Any, violations: list[Violation]) -> bool:
        """Whether a value is valid; adds what is wrong to the violations."""
        if self._validator.is_valid(value):
            return True
        violations.extend(violations_of(self._validator, value, "body", []))
        return False

    def converted(self, value: Any, violations: list[Violation]) -> Any:
        """Returns a valid value as the handler gets it."""
        try:
            return self._read(value) if self._read else value
        except RecursionError:
            violations.append(Violation("body", "#", "is nested too deeply"))
            return None


class _Json(_Described):
    may_be_empty = False

    def read(self, request: Request, violations: list[Violation]) -> tuple[Any, Mapping[str, Any]]:
        try:
            value = self.load(request.get_data())
        except ValueError:
            violations.append(Violation("body", "#", "is not valid JSON"))
            return None, {}
        if not self.check(value, violations):
            return None, {}
        return self.converted(value, violations), {}


class _Form(_Described):
    def __init__(self, media: Mapping[str, Any], compilers: Compilers) -> None:
        schema = media.get("schema", {})
        super().__init__(schema, compilers)
        self._form = FormReader(schema, media.get("encoding", {}), compilers, self.load)
        self.files = self._form.files

    def read(self, request: Request, violations: list[Violation]) -> tuple[Any, Mapping[str, Any]]:
        form = Form({}, {}, [])
        try:
            if request.get_data():
                form = self._form.read(request)
        except ValueError:
            violations.append(Violation("body", "#", "is not a valid form"))
            return None, {}
        # A file is a text to the validator.
        texts = {
            name: [""] * len(files) if isinstance(files, list) else ""
            for name, files in form.files.items()
        }
        found: list[Violation] = []
        if self.check({**form.fields, **texts}, found) and not form.violations:
            fields = self.converted(form.fields, violations)
            return {**(self.left_out() or {}), **fields}, form.files
        told = {violation.pointer for violation in form.violations}
        violations.extend(form.violations)
        violations.extend(violation for violation in found if violation.pointer not in told)
        return None, {}


class _Raw(_Content):
    """Bodies that the handler reads itself: it gets the bytes."""

    def read(self, request: Request, violations: list[Violation]) -> tuple[Any, Mapping[str, Any]]:
        return request.get_data(), {}

    def left_out(self) -> bytes:
        return b""
