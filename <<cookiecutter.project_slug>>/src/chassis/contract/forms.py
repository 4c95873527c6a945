"""Forms: their fields and files, read as the schema of the body names them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.formparser import FormDataParser

from . import styles
from .compiler import Function
from .compilers import Compilers
from .media_types import MULTIPART, is_json
from .violations import Violation, pointer


class Form(NamedTuple):
    """What a form has."""

    fields: dict[str, Any]
    files: dict[str, Any]
    """A file, or a list of files where the schema has an array."""
    violations: list[Violation]


class _StrictParser(FormDataParser):
    """Raises `ValueError` where Werkzeug's own makes an empty form of what it cannot read."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "silent": False})


class FormReader:
    """Reads the forms that one schema describes."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        encodings: Mapping[str, Mapping[str, Any]],
        compilers: Compilers,
        load: Callable[[Any], Any],
    ) -> None:
        """Compiles the fields.

        Args:
            schema: that of the body.
            encodings: how fields are written, by their names.
            compilers: those of the document.
            load: reads JSON.
        """
        merged = compilers.schemas.merged(schema)
        self._fields = {
            name: _Field(inner, encodings.get(name, {}), compilers)
            for name, inner in _properties(merged, compilers).items()
        }
        others = merged.get("additionalProperties")
        self._others = _Field(others if isinstance(others, Mapping) else {}, {}, compilers)
        self._deep = [name for name, field in self._fields.items() if field.is_deep]
        self._load = load
        self.files = frozenset(name for name, field in self._fields.items() if field.is_file)
        """The names of those that are files."""

    def read(self, request: Request) -> Form:
        """Reads the form of a request.

        Raises:
            ValueError: it is not written as its media type says.
        """
        request.form_data_parser_class = _StrictParser
        texts, uploads = request.form, request.files
        form = Form({}, {}, [])
        for name in self._deep:
            if value := styles.deep_object(name, texts):
                form.fields[name] = self._fields[name].converted(value)
        for name in texts:
            if not any(styles.is_part_of(name, deep) for deep in self._deep):
                self._add_texts(form, name, texts.getlist(name), request.mimetype == MULTIPART)
        for name in uploads:
            self._add_files(form, name, uploads.getlist(name))
        return form

    def _add_texts(self, form: Form, name: str, texts: list[str], has_files: bool) -> None:
        field = self._fields.get(name, self._others)
        if field.is_file and has_files:
            form.violations.append(Violation("body", pointer([name]), "is not a file"))
        elif field.is_json:
            self._add_json(form, name, field, texts)
        elif field.kind == "array":
            form.fields[name] = field.converted(field.elements(texts))
        elif len(texts) > 1 and name in self._fields:
            form.violations.append(Violation("body", pointer([name]), "occurs more than once"))
        else:
            form.fields[name] = field.converted(texts if len(texts) > 1 else texts[0])

    def _add_json(self, form: Form, name: str, field: "_Field", texts: list[Any]) -> None:
        try:
            values = [self._load(text) for text in texts]
        except ValueError:
            form.violations.append(Violation("body", pointer([name]), "is not valid JSON"))
            return
        is_list = field.kind == "array" and not (len(values) == 1 and isinstance(values[0], list))
        form.fields[name] = values if is_list else values[-1]

    def _add_files(self, form: Form, name: str, files: list[FileStorage]) -> None:
        field = self._fields.get(name, self._others)
        if field.is_json:
            self._add_json(form, name, field, [file.read() for file in files])
        elif field.kind == "array":
            form.files[name] = files
        elif len(files) > 1 and name in self._fields:
            form.violations.append(Violation("body", pointer([name]), "occurs more than once"))
        else:
            form.files[name] = files[0]


class _Field:
    def __init__(
        self, schema: Mapping[str, Any], encoding: Mapping[str, Any], compilers: Compilers
    ) -> None:
        merged = compilers.schemas.merged(schema)
        items = compilers.schemas.merged(merged.get("items", {}))
        self.kind = compilers.texts.kind(schema)
        self.is_deep = encoding.get("style") == "deepObject"
        self.is_file = "binary" in (merged.get("format"), items.get("format"))
        is_object = "object" in (self.kind, compilers.texts.kind(items))
        declared = encoding.get("contentType")
        self.is_json = not self.is_deep and (is_json(declared) if declared else is_object)
        self._convert: Function | None = compilers.texts.compile(schema)
        style = encoding.get("style", "form")
        self._delimiter = styles.DELIMITERS.get(style, ",")
        self._explode: bool = encoding.get("explode", style == "form")
        self._splits = style != "form" or not compilers.texts.has_commas(schema)

    def converted(self, value: Any) -> Any:
        """Returns a value as its schema names it."""
        return self._convert(value) if self._convert else value

    def elements(self, texts: list[str]) -> list[str]:
        """Returns the elements of an array."""
        if not self._explode:
            return texts[-1].split(self._delimiter)
        if not self._splits:
            return texts
        return [element for text in texts for element in text.split(self._delimiter)]


def _properties(schema: Mapping[str, Any], compilers: Compilers) -> dict[str, Mapping[str, Any]]:
    """Returns the properties of a schema, also those of its choices."""
    found = dict(schema.get("properties", {}))
    for choice in [*schema.get("oneOf", ()), *schema.get("anyOf", ())]:
        merged = compilers.schemas.merged(choice)
        found = {**merged.get("properties", {}), **found}
    return found
