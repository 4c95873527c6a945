"""Stubs: functions of operations that are still to be written."""

import keyword

from .annotations import Annotations
from .imports import Imports
from .operations import Argument, Operation, media_type

_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")


def stub(operation: Operation, annotations: Annotations, imports: Imports) -> str:
    """Returns the function of an operation, which answers 501."""
    name = str(operation.function).rpartition(".")[2]
    error = imports.use("chassis.contract.stubs", "OperationNotImplementedError")
    signature = "".join(f"    {argument},\n" for argument in _arguments(operation, annotations))
    return (
        f"def {name}(\n{signature}) -> {_result(operation, annotations)}:\n"
        f'    """{_docstring(operation)}"""\n'
        f"    raise {error}\n"
    )


def _arguments(operation: Operation, annotations: Annotations) -> list[str]:
    named = {
        argument.name: argument
        for argument in operation.arguments
        if not keyword.iskeyword(argument.name)
    }
    body = operation.body
    if body:
        named[body.name] = body
    written = {
        argument.name: _body(operation, annotations)
        if argument is body
        else annotations.of(argument.schema)
        for argument in named.values()
    }
    sent = [argument for argument in named.values() if argument.is_always_sent]
    others = [argument for argument in named.values() if not argument.is_always_sent]
    texts = [f"{argument.name}: {written[argument.name]}" for argument in sent]
    texts += [_with_default(argument, written[argument.name]) for argument in others]
    if len(named) < len({argument.name for argument in operation.arguments}) + bool(body):
        # What is a keyword of Python can only be given by its name.
        texts.append(f"**others: {annotations.any()}")
    return texts


def _with_default(argument: Argument, annotation: str) -> str:
    is_null = annotation.endswith(("None", "Any"))
    return f"{argument.name}: {annotation if is_null else f'{annotation} | None'} = None"


def _body(operation: Operation, annotations: Annotations) -> str:
    if not operation.body or not operation.body_type:
        return annotations.any()
    return _of_media_type(operation.body_type, operation.body, annotations)


def _of_media_type(kind: str, body: Argument, annotations: Annotations) -> str:
    if kind in _FORMS:
        return annotations.mapping()
    if "json" in kind or kind == "*/*":
        return annotations.of(body.schema)
    return "str" if kind.startswith("text/") else "bytes"


def _result(operation: Operation, annotations: Annotations) -> str:
    content = operation.response.get("content", {})
    kind = media_type(content)
    if operation.status == "default":
        return annotations.any()
    result = "None"
    if kind:
        body = Argument("", content[kind].get("schema", {}), is_always_sent=True)
        result = _of_media_type(kind, body, annotations)
    if "Location" in operation.response.get("headers", {}):
        return f"tuple[{result}, int, dict[str, str]]"
    is_usual = operation.status == ("200" if kind else "204")
    return result if is_usual else f"tuple[{result}, int]"


def _docstring(operation: Operation) -> str:
    if not operation.summary:
        return operation.name
    summary = operation.summary.replace("\\", "\\\\").replace('"""', "'''")
    return f"{summary}\n\n    {operation.name}\n    "
