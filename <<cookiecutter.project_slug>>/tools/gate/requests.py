"""What clients send: parameters and bodies."""

from collections.abc import Iterator, Mapping
from typing import Any

from .media_types import found, is_form, place_of
from .nodes import Node
from .operations import Operation
from .schemas import REQUEST, Comparison, Finding

Parameter = Mapping[str, Any]


def of_parameters(old: Operation, new: Operation) -> Iterator[Finding]:
    """Yields the differences of parameters."""
    for key, parameter in old.parameters.items():
        if key in new.parameters:
            yield from _of_parameter(old, new, parameter, new.parameters[key])
        elif parameter.get("deprecated"):
            rule = "request-parameter-removed-with-deprecation"
            yield Finding(rule, _place(parameter), "the parameter is gone", is_breaking=False)
        else:
            rule = "request-parameter-removed"
            yield Finding(rule, _place(parameter), "the parameter is gone", is_breaking=True)
    for key, parameter in new.parameters.items():
        if key not in old.parameters:
            kind = "required" if parameter.get("required") else "optional"
            yield Finding(
                f"new-{kind}-request-parameter",
                _place(parameter),
                f"the {kind} parameter is new",
                is_breaking=kind == "required",
            )


def _of_parameter(
    old: Operation, new: Operation, before: Parameter, after: Parameter
) -> Iterator[Finding]:
    place, subject = _place(after), "request-parameter"
    if after.get("required") and not before.get("required"):
        rule = f"{subject}-became-required"
        yield Finding(rule, place, "it has to be there", is_breaking=True)
    elif before.get("required") and not after.get("required"):
        rule = f"{subject}-became-optional"
        yield Finding(rule, place, "it can be left out", is_breaking=False)
    nodes = _node(old, before), _node(new, after)
    yield from _of_default(*nodes, place, subject)
    comparison = Comparison(REQUEST, as_text="content" not in after)
    yield from comparison.findings(*nodes, place, subject)


def _of_default(old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
    before, after = (next(iter(one.values("default")), None) for one in (old, new))
    if before != after:
        verb = "added" if before is None else "removed" if after is None else "changed"
        sentence = f"left out, it is {_shown(after)}, it was {_shown(before)}"
        yield Finding(f"{subject}-default-value-{verb}", place, sentence, is_breaking=True)


def _shown(default: Any) -> str:
    return "nothing" if default is None else str(default)


def _node(operation: Operation, parameter: Parameter) -> Node:
    described = next(iter(parameter.get("content", {}).values()), parameter)
    return operation.document.node(described.get("schema", {}))


def _place(parameter: Parameter) -> str:
    return f"{parameter['in']} {parameter['name']}"


def of_body(old: Operation, new: Operation) -> Iterator[Finding]:
    """Yields the differences of the body."""
    before, after = old.body, new.body
    is_required = bool(after.get("required"))
    if not before and after:
        rule = f"request-body-added-{'required' if is_required else 'optional'}"
        yield Finding(rule, "body", "there is a body now", is_breaking=is_required)
    elif before and not after:
        yield Finding("request-body-removed", "body", "there is no body now", is_breaking=True)
    if not before or not after:
        return
    if is_required and not before.get("required"):
        rule = "request-body-became-required"
        yield Finding(rule, "body", "it has to be there", is_breaking=True)
    elif before.get("required") and not is_required:
        rule = "request-body-became-optional"
        yield Finding(rule, "body", "it can be left out", is_breaking=False)
    contents = before.get("content", {}), after.get("content", {})
    for media_type, described in contents[0].items():
        place = place_of("body", media_type)
        taken = found(media_type, contents[1])
        if taken is None:
            sentence = f"{media_type} is not taken"
            yield Finding("request-body-media-type-removed", place, sentence, is_breaking=True)
            continue
        nodes = (
            old.document.node(described.get("schema", {})),
            new.document.node(taken.get("schema", {})),
        )
        comparison = Comparison(REQUEST, as_text=is_form(media_type))
        yield from comparison.findings(*nodes, place, "request-body")
    for media_type in contents[1]:
        if found(media_type, contents[0]) is None:
            place, sentence = place_of("body", media_type), f"{media_type} is taken, too"
            yield Finding("request-body-media-type-added", place, sentence, is_breaking=False)
