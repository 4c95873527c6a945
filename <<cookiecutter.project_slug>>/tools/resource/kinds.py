"""The types of fields: what each is in the contract and in the model, and values to test it with."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

_INT32 = 2**31 - 1
_DIGITS = 15
_OF_YAML = {"false", "n", "no", "null", "off", "on", "true", "y", "yes"}
_UUIDS = ("94ba52af-74ff-4b25-a6cc-2f2b04d13bb2", "5f2c1e9e-0a52-4c58-9d0e-7b8a2d3c4e5f")


class Use(NamedTuple):
    """How a type is used in a field."""

    label: str
    arguments: list[str]
    is_unique: bool
    is_optional: bool


@dataclass(frozen=True, eq=False)
class Kind:
    """The type of a field."""

    annotation: str
    """The type in the model."""
    type: list[str]
    """The first lines of the schema in the contract."""
    bounds: list[str]
    """Its last lines."""
    values: list[Any]
    """Valid values as JSON has them; of a type with an order, in this order."""
    refused: list[str]
    """Values that are not valid, as Python has them."""
    example: Any = None
    """As JSON has it; None if there is none."""
    largest: str | None = None
    """The largest value, as Python has it."""
    imports: tuple[str, str] | None = None
    """The module and the name that the annotation needs."""
    is_ordered: bool = False
    """Whether a list may be sorted by it."""
    is_compared: bool = False
    """Whether a list may be filtered by it."""
    read: Callable[[str], Any] | None = None
    """Returns the default that a text stands for, as JSON has it; a ValueError if it is no value of the type."""
    size: tuple[int, ...] = ()
    """Its length, the bounds of its values, or its precision and scale."""
    refers_to: str | None = None
    """The plural of the resource that it refers to."""


def text(use: Use) -> Kind:
    """`string`, `string(80)`: a text; one that is optional and not unique may have several lines."""
    (length,) = _numbers(use, "string(80)", 1) or [200]
    if length < 1 or (use.is_unique and length < 12):
        raise ValueError("a unique text needs at least 12 characters, other texts at least one")
    example, bounds, too_short = "Example", [_ONE_LINE], ['""']
    if use.is_unique:
        example = "First"
    elif use.is_optional:
        example, bounds, too_short = f"The {use.label} of the first", [_LINES], []
    return Kind(
        "str",
        ["type: string"],
        [*(["minLength: 1"] if too_short else []), f"maxLength: {length}", *bounds],
        ["a", "b", "c"],
        [*too_short, f'"x" * {length + 1}', r'"nul \0"', "5"],
        example[:length].strip(),
        f'"𝄞" * {length}',
        is_ordered=use.is_unique,
        is_compared=not use.is_unique and not use.is_optional,
        read=_text_reader(length),
        size=(length,),
    )


_LINES = r"pattern: '^[^\x00]*$'"
_ONE_LINE = r"pattern: '^[^\x00-\x1f\x7f]*$'"


def integer(use: Use) -> Kind:
    """`integer`, `integer(0..9)`: a whole number; without bounds one of 32 bits."""
    found = re.fullmatch(r"(-?\d{1,30})\.\.(-?\d{1,30})", ",".join(use.arguments))
    if use.arguments and not found:
        raise ValueError("write its bounds as in integer(0..9)")
    low, high = (int(found[1]), int(found[2])) if found else (-_INT32 - 1, _INT32)
    if low >= high:
        raise ValueError("its lower bound has to be below the upper one")
    example = (low + high + 1) // 2 if found else 5

    def read(written: str) -> int:
        if not low <= int(written) <= high:
            raise ValueError
        return int(written)

    return Kind(
        "int",
        ["type: integer"],
        [f"minimum: {low}", f"maximum: {high}"] if found else ["format: int32"],
        list(range(low, min(low + 3, high + 1))) if found else [1, 2, 3],
        [str(high + 1), str(low - 1), '"5"'],
        example,
        str(high),
        is_ordered=True,
        read=read,
        size=(low, high),
    )


def number(use: Use) -> Kind:
    """`number`: a number with a binary fraction."""
    _nothing(use)
    return Kind(
        "float",
        ["type: number"],
        [],
        [0.25, 0.5, 0.75],
        ['"5"'],
        0.5,
        is_ordered=True,
        read=float,
    )


def decimal(use: Use) -> Kind:
    """`decimal`, `decimal(12,2)`: an exact number, by its digits and those of them that are a fraction."""
    digits, places = _numbers(use, "decimal(12,2)", 2) or [12, 2]
    if not 0 <= places < digits <= _DIGITS:
        raise ValueError(f"it has at most {_DIGITS} digits, and not all of them in the fraction")
    largest = 10 ** (digits - places) - 1

    def read(written: str) -> "Written":
        value = Decimal(Written(written).checked())
        if abs(value) > largest or value != round(value, places):
            raise ValueError
        return Written(written)

    step = f"0.{'1'.zfill(places)}" if places else "1"
    return Kind(
        "Decimal",
        ["type: number", "format: decimal"],
        [f"minimum: -{largest}", f"maximum: {largest}", f"multipleOf: {step}"],
        [1, 2, 3],
        [f"{step}1" if places else "0.5", str(largest + 1), '"5"'],
        Written(f"2.5{'0' * (places - 1)}" if places else "2"),
        str(largest),
        ("decimal", "Decimal"),
        is_ordered=True,
        read=read,
        size=(digits, places),
    )


class Written(str):
    """A number with the digits with which it is written."""

    __slots__ = ()

    def checked(self) -> str:
        """Returns the text.

        Raises:
            ValueError: it is not one that YAML and Python read as a number.
        """
        if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", self, re.ASCII):
            raise ValueError
        return self


def boolean(use: Use) -> Kind:
    """`boolean`: true or false."""
    _nothing(use)
    return Kind(
        "bool",
        ["type: boolean"],
        [],
        [True, False],
        ['"yes"'],
        True,
        is_compared=True,
        read={"true": True, "false": False}.__getitem__,
    )


def day(use: Use) -> Kind:
    """`date`: a day."""
    _nothing(use)
    return Kind(
        "date",
        ["type: string", "format: date"],
        [],
        ["2026-02-01", "2026-02-02", "2026-02-04"],
        ['"2026-02-30"', "5"],
        "2026-02-03",
        imports=("datetime", "date"),
        is_ordered=True,
    )


def time(use: Use) -> Kind:
    """`datetime`: a time, in UTC."""
    _nothing(use)
    return Kind(
        "datetime",
        ["type: string", "format: date-time"],
        [],
        ["2026-02-01T04:05:06Z", "2026-02-02T04:05:06Z", "2026-02-04T04:05:06Z"],
        ['"2026-02-03"', "5"],
        "2026-02-03T04:05:06Z",
        imports=("datetime", "datetime"),
        is_ordered=True,
    )


def identifier(use: Use) -> Kind:
    """`uuid`: an identifier of something that another system has."""
    _nothing(use)
    return Kind(
        "UUID",
        ["type: string", "format: uuid"],
        [],
        list(_UUIDS),
        ['"1"'],
        _UUIDS[0],
        imports=("uuid", "UUID"),
        is_compared=True,
    )


def choice(use: Use) -> Kind:
    """`enum(gold,silver)`: one of some words."""
    words = use.arguments
    if not words or len(set(words)) < len(words):
        raise ValueError("write its values as in enum(gold,silver)")
    for word in words:
        if not re.fullmatch(r"[A-Za-z][\w-]{0,39}", word, re.ASCII):
            raise ValueError(f"{word!r} is not a word of letters, digits, hyphens and underscores")

    def read(written: str) -> str:
        if written not in words:
            raise ValueError
        return written

    listed = [*map(yaml_text, words), *(["null"] if use.is_optional else [])]
    return Kind(
        f"Literal[{', '.join(map(python_text, words))}]",
        ["type: string", f"enum: [{', '.join(listed)}]"],
        [],
        list(words),
        ['""'],
        words[0],
        imports=("typing", "Literal"),
        is_compared=True,
        read=read,
        size=(max(20, *map(len, words)),),
    )


def texts(use: Use) -> Kind:
    """`list`, `list(80)`: a list of at most 20 texts."""
    (length,) = _numbers(use, "list(80)", 1) or [80]
    if length < 1:
        raise ValueError("its texts need at least one character")
    bounds = ["minLength: 1", f"maxLength: {length}", _ONE_LINE]
    items = [f"  {line}" for line in ("type: string", f"example: {'Example'[:length]}", *bounds)]
    return Kind(
        "list[str]",
        ["type: array"],
        ["maxItems: 20", "items:", *items],
        [["a"], ["b", "c"], []],
        ['"a"', "5"],
        size=(length,),
    )


def reference(use: Use) -> Kind:
    """`ref(invoices)`: the id of another resource, by its plural."""
    if len(use.arguments) != 1 or not re.fullmatch(r"[a-z][a-z\d_]*", use.arguments[0], re.ASCII):
        raise ValueError("name the plural of a resource as in ref(invoices)")
    path = f"/{use.arguments[0].replace('_', '-')}"
    return Kind(
        "UUID",
        ["type: string", "format: uuid", f"x-refers-to: {path}"],
        [],
        [],
        ['"1"'],
        None if use.is_optional else _UUIDS[0],
        imports=("uuid", "UUID"),
        is_compared=True,
        refers_to=use.arguments[0],
    )


KINDS: dict[str, Callable[[Use], Kind]] = {
    "string": text,
    "integer": integer,
    "number": number,
    "decimal": decimal,
    "boolean": boolean,
    "date": day,
    "datetime": time,
    "uuid": identifier,
    "enum": choice,
    "list": texts,
    "ref": reference,
}


def python_text(value: Any) -> str:
    """Returns a value as Python has it."""
    match value:
        case Written():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(python_text, value))}]"
        case dict():
            return f"{{{', '.join(f'{python_text(key)}: {python_text(value[key])}' for key in value)}}}"
    return repr(value)


def yaml_text(value: Any) -> str:
    """Returns a value as YAML has it."""
    if isinstance(value, Written):
        return str(value)
    if not isinstance(value, str):
        return json.dumps(value)
    is_plain = re.fullmatch(r"[\w-]+( [\w-]+)*|\d{4}-[\d:TZ-]+", value, re.ASCII)
    is_text = is_plain and value.lower() not in _OF_YAML
    return value if is_text else json.dumps(value, ensure_ascii=False)


def _numbers(use: Use, example: str, count: int) -> list[int]:
    """Returns the arguments of a type, which are numbers; none if there are none."""
    numbers = [argument for argument in use.arguments if re.fullmatch(r"\d{1,5}", argument)]
    if use.arguments and not len(use.arguments) == len(numbers) == count:
        raise ValueError(f"write it as in {example}")
    return list(map(int, numbers))


def _nothing(use: Use) -> None:
    if use.arguments:
        raise ValueError("it takes nothing in parentheses")


def _text_reader(length: int) -> Callable[[str], str]:
    def read(written: str) -> str:
        if not (1 <= len(written) <= length and written.isprintable()):
            raise ValueError
        return written

    return read
