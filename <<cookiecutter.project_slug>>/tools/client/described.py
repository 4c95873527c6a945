"""The operations of a contract as methods of a client."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chassis.contract.calls import CalledContract, CalledOperation, Content, NotCallableError

from ..contract.names import function_name, unique, words_of
from ..contract.operations import METHODS, Schema, resolved

# What methods of these names would hide in the annotations of others, and what the fake has itself.
_TAKEN_METHODS = {
    *("answer", "asked", "fail"),
    *("bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "schemas", "str"),
}
_TAKEN_ARGUMENTS = {"self", "result"}


@dataclass(frozen=True)
class Argument:
    """An argument of a method."""

    name: str
    parameter: str
    """The name in the contract."""
    location: str
    """path, query, header or body."""
    schema: Schema
    is_required: bool
    content: Content | None = None


@dataclass(frozen=True)
class Method:
    """A method that calls an operation."""

    name: str
    operation: str
    summary: str
    arguments: list[Argument]
    results: list[Content | None]
    """What successful answers have; None stands for no body."""


@dataclass(frozen=True)
class LeftOut:
    """An operation that cannot be called as it is described."""

    operation: str
    reason: str

    def __str__(self) -> str:
        return f"left out: {self.operation} {self.reason}"


def methods(document: Mapping[str, Any]) -> Iterator[Method | LeftOut]:
    """Yields the methods of a client, in the order of the contract, and what cannot be one."""
    contract = CalledContract(document)
    taken = set(_TAKEN_METHODS)
    for path, item in document["paths"].items():
        described = resolved(document, item)
        for verb in (key for key in described if key in METHODS):
            operation = f"{verb.upper()} {path}"
            try:
                called = contract.operation(operation)
            except NotCallableError as error:
                yield LeftOut(operation, str(error))
                continue
            name = _name(str(described[verb].get("operationId", "")), operation, taken)
            taken.add(name)
            summary = " ".join(str(described[verb].get("summary", "")).split())
            yield Method(
                name,
                operation,
                summary,
                list(_arguments(called)),
                list(called.answers.values()),
            )


def _name(operation_id: str, operation: str, taken: set[str]) -> str:
    # Connexion allows modules before it.
    words = words_of(operation_id.rpartition(".")[2]) or words_of(operation)
    return unique(_free(words, taken), taken)


def _free(words: str, taken: set[str]) -> str:
    """Returns a name with an underscore behind it where it would hide another one."""
    name = function_name(words) or "value"
    return f"{name}_" if name in taken else name


def _arguments(operation: CalledOperation) -> Iterator[Argument]:
    """Yields the arguments: those that can be given by their places come first."""
    taken = set(_TAKEN_ARGUMENTS)
    found: list[Argument] = []
    for parameter in operation.parameters:
        name = unique(_free(words_of(parameter.name), taken), taken)
        taken.add(name)
        found.append(
            Argument(name, parameter.name, parameter.location, parameter.schema, parameter.required)
        )
    yield from (one for one in found if one.location == "path")
    if body := operation.body:
        name = unique("body", taken)
        yield Argument(name, "", "body", body.schema, operation.is_body_required, body)
    others = [one for one in found if one.location != "path"]
    yield from sorted(others, key=lambda one: not one.is_required)
