"""Fields: `name:type`, with `!` if the value is unique, `?` if it may be null, and `=value` for a default."""

import keyword
import re
from dataclasses import dataclass
from typing import Any

from .kinds import KINDS, Kind, Use, python_text, yaml_text
from .names import RefusedError, class_name

_FIELD = re.compile(r"([^:]*):([a-z]*)(?:\(([^()]*)\))?([!?]*)(?:=(.*))?")
_NAME = re.compile(r"[a-z][a-z\d]*(_[a-z\d]+)*")
_LONGEST = 30
# What every resource has, and what the arguments of a list are.
_TAKEN = {
    *("id", "version", "created_at", "updated_at", "defaults"),
    *("service", "sort", "limit", "cursor"),
    # A field that is called as a type is called would hide it.
    *("bool", "date", "datetime", "float", "int", "list", "str"),
    # Of the class of a table.
    *("metadata", "registry"),
}


@dataclass(frozen=True)
class Field:
    """A field of a resource."""

    name: str
    kind: Kind
    is_unique: bool
    is_optional: bool
    default: Any
    """The value where a request leaves the field out, as JSON has it; None if there is none."""

    @property
    def label(self) -> str:
        """The words of the name."""
        return self.name.replace("_", " ")

    @property
    def class_name(self) -> str:
        """The words of the name, as in the name of a schema."""
        return class_name(self.name)

    @property
    def can_be_left_out(self) -> bool:
        """Whether a request may leave the field out."""
        return self.is_optional or self.default is not None

    @property
    def is_sorted(self) -> bool:
        """Whether a list can be sorted by the field."""
        return self.kind.is_ordered and not self.is_optional

    @property
    def is_filter(self) -> bool:
        """Whether a list can be filtered by the field: of what may be null, only by a reference."""
        return self.kind.is_compared and (not self.is_optional or bool(self.kind.refers_to))

    @property
    def annotation(self) -> str:
        """The type of the field in the code."""
        return f"{self.kind.annotation} | None" if self.is_optional else self.kind.annotation

    @property
    def model(self) -> str:
        """The line of the field in the model."""
        if self.is_optional:
            return f"{self.name}: {self.annotation} = None"
        if self.default is None:
            return f"{self.name}: {self.annotation}"
        default = python_text(self.default)
        if self.kind.annotation == "Decimal":
            default = f'Decimal("{default}")'
        return f"{self.name}: {self.annotation} = {default}"

    @property
    def schema(self) -> list[str]:
        """The lines of the schema in the contract."""
        lines = list(self.kind.type)
        if self.is_unique:
            lines.append(f"description: The unique {self.label}")
        if self.is_optional:
            lines.append("nullable: true")
        if self.kind.example is not None:
            lines.append(f"example: {yaml_text(self.kind.example)}")
        return [*lines, *self.kind.bounds]

    @property
    def schema_with_default(self) -> list[str]:
        """The same, with the default."""
        return [*self.schema, f"default: {yaml_text(self.default)}"]

    @property
    def others(self) -> list[Any]:
        """Values that are not the example, as JSON has them."""
        return [value for value in self.kind.values if value != self.kind.example]


def read(text: str) -> list[Field]:
    """Reads fields, with spaces between them.

    Raises:
        RefusedError: one of them is no field, or there is none.
    """
    # A space within parentheses is part of a field.
    fields = [read_one(part) for part in re.split(r"\s+(?![^(]*\))", text.strip()) if part]
    if not fields:
        raise RefusedError(
            'FIELDS is empty; say, for example, FIELDS="name:string(80)! born:date?"'
        )
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise RefusedError(f"the field {name} is there twice")
    return fields


def read_one(text: str) -> Field:
    """Reads a field.

    Raises:
        RefusedError: it is none.
    """
    found = _FIELD.fullmatch(text)
    if not found:
        raise RefusedError(f"{text!r} is no field; a field is name:type, such as phone:string(20)?")
    name, word, arguments, marks, default = found.groups()
    _check(name)
    if word not in KINDS:
        raise RefusedError(f"{text}: there is no type {word!r}; there are {', '.join(KINDS)}")
    if len(set(marks)) < len(marks):
        raise RefusedError(f"{text}: a mark is there twice")
    is_unique, is_optional = "!" in marks, "?" in marks
    given = [part.strip() for part in arguments.split(",")] if arguments else []
    if is_unique and word != "string":
        raise RefusedError(f"{text}: only a string can be unique")
    try:
        kind = KINDS[word](Use(name.replace("_", " "), given, is_unique, is_optional))
    except ValueError as error:
        raise RefusedError(f"{text}: {error}") from None
    field = Field(name, kind, is_unique, is_optional, None)
    return field if default is None else _with_default(text, field, default)


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        reason = "is not lower-case words (a-z, 0-9) joined by underscores, starting with a letter"
    elif len(name) > _LONGEST:
        reason = f"is longer than {_LONGEST} characters"
    elif keyword.iskeyword(name):
        reason = "is a Python keyword"
    elif name in _TAKEN:
        reason = "is a name that the generated code uses itself"
    else:
        return
    raise RefusedError(f"the name of the field {name!r} {reason}")


def _with_default(text: str, field: Field, default: str) -> Field:
    if field.is_unique or field.is_optional:
        raise RefusedError(f"{text}: a field with a default is neither unique nor optional")
    if field.kind.read is None:
        raise RefusedError(f"{text}: a field of this type has no default")
    try:
        value = field.kind.read(default)
    except (ValueError, KeyError, ArithmeticError):
        raise RefusedError(f"{text}: the default is no value of the type") from None
    return Field(field.name, field.kind, False, False, value)
