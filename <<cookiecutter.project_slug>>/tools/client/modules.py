"""The modules of a client, which are generated whole: types, interface, HTTP implementation, and the fake for tests."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chassis.contract.calls import Content

from ..contract import style
from ..contract.annotations import Annotations
from ..contract.imports import Imports
from ..contract.types import types_of
from .client import Client
from .described import Argument, Method

_WRITTEN = "written by `make client`: edit openapi.yaml instead."
_LOCATIONS = {"path": "path", "query": "query", "header": "headers"}


def modules(
    client: Client, document: Mapping[str, Any], methods: list[Method]
) -> Iterator[tuple[Path, str]]:
    """Yields the modules of a client and their texts.

    Args:
        client: what is generated.
        document: the contract of the service that is called.
        methods: those of the interface.
    """
    header = f'"""The types of the schemas of {client.name}, {_WRITTEN}"""'
    types = types_of(dict(document), header)
    texts = {
        client.directory / "__init__.py": f'"""The service {client.name}, {_WRITTEN}"""\n',
        client.directory / "schemas.py": style.sorted_imports(types, client.project.types),
        client.directory / "client.py": _interface(client, document, types, methods),
        client.directory / "http.py": _http(client, document, types, methods),
        client.fake: _fake(client, methods),
    }
    for path, text in texts.items():
        # Ruff does not look for its settings in a directory that is not there yet.
        place = path.parents[1] / path.name
        text = style.formatted(text, place)
        yield path, style.allowed(text, place, range(1, text.count("\n") + 1))


class _Signatures:
    """Writes signatures for one module of a client."""

    def __init__(self, client: Client, document: Mapping[str, Any], types: str, head: str) -> None:
        """Reads what there is.

        Args:
            client: has the module.
            document: the contract of the service that is called.
            types: the text of the module with the types of its schemas.
            head: the text of the module before its methods.
        """
        self._head = head
        # Which module it is does not matter, but for its package.
        self._imports = Imports(head, f"{client.package}.client")
        self._annotations = Annotations(document, types, f"{client.package}.schemas", self._imports)

    def of(self, method: Method) -> str:
        """Returns the signature of a method."""
        given = [one for one in method.arguments if one.location in ("path", "body")]
        named = [one for one in method.arguments if one not in given]
        texts = ["self", *map(self._argument, given)]
        if named:
            texts += ["*", *map(self._argument, named)]
        return f"def {method.name}({', '.join(texts)}) -> {self.result(method)}:"

    def result(self, method: Method) -> str:
        """Returns the annotation of what a method returns."""
        found = dict.fromkeys(self._body(one) if one else "None" for one in method.results)
        if self._annotations.any() in found:
            return self._annotations.any()
        # None stands at the end, also that of a schema.
        alternatives = dict.fromkeys(part for one in found for part in one.split(" | "))
        is_null = alternatives.pop("None", "") is None
        return " | ".join([*alternatives, *(["None"] if is_null else [])])

    def whole(self, methods: list[str], path: Path) -> str:
        """Returns a module with its imports, without those that it does not need."""
        text = self._imports.added_to(self._head) + "\n".join(methods)
        return style.without_unused_imports(text, path.parents[1] / path.name)

    def _argument(self, argument: Argument) -> str:
        content = argument.content
        annotation = self._body(content) if content else self._annotations.of(argument.schema)
        if argument.is_required:
            return f"{argument.name}: {annotation}"
        is_null = annotation.endswith(("None", "Any"))
        return f"{argument.name}: {annotation if is_null else f'{annotation} | None'} = None"

    def _body(self, content: Content) -> str:
        if content.is_json:
            return self._annotations.of(content.schema)
        return "str" if content.is_text else "bytes"


def _interface(
    client: Client, document: Mapping[str, Any], types: str, methods: list[Method]
) -> str:
    head = (
        f'"""What {client.name} does, {_WRITTEN}"""\n\n'
        "from abc import ABC, abstractmethod\n"
        "from . import schemas\n\n\n"
        f"class {client.interface}(ABC):\n"
        f'    """The service {client.name}; bindings.py says how it is called."""\n\n'
    )
    signatures = _Signatures(client, document, types, head)
    written = [
        f'    @abstractmethod\n    {signatures.of(method)}\n        """{_docstring(method)}"""\n'
        for method in methods
    ]
    return signatures.whole(written, client.directory / "client.py")


def _http(client: Client, document: Mapping[str, Any], types: str, methods: list[Method]) -> str:
    head = (
        f'"""Calls of {client.name} by HTTP, {_WRITTEN}"""\n\n'
        "from pathlib import Path\n"
        "from chassis.http_client import UpstreamSession\n"
        "from chassis.http_client.operations import Calls\n"
        "from . import schemas\n"
        f"from .client import {client.interface}\n\n"
        'CONTRACT = Path(__file__).with_name("openapi.yaml")\n\n\n'
        f"class Http{client.interface}({client.interface}):\n"
        f'    """Calls {client.name}; a call that fails is an `UpstreamError` or a `requests.HTTPError`."""\n\n'
        "    def __init__(self, session: UpstreamSession) -> None:\n"
        '        """Uses a session whose URLs are paths of that service."""\n'
        "        self._calls = Calls(session, CONTRACT)\n"
    )
    signatures = _Signatures(client, document, types, head)
    written = [
        f'\n    {signatures.of(method)}\n        """{_docstring(method)}"""\n'
        f"{_body(method, signatures.result(method))}"
        for method in methods
    ]
    return signatures.whole(written, client.directory / "http.py")


def _body(method: Method, result: str) -> str:
    call = f"self._calls.call({', '.join(_call(method))})"
    if result == "None":
        return f"        {call}\n"
    return f"        result: {result} = {call}\n        return result\n"


def _fake(client: Client, methods: list[Method]) -> str:
    interface = client.interface
    rows = "".join(
        f"        {interface}.{method.name}: {_quoted(method.operation)},\n" for method in methods
    )
    return (
        f'"""What stands for {client.name} in tests, {_WRITTEN}"""\n\n'
        "from typing import ClassVar\n\n"
        "from tests.chassis.fixtures.fake_calls import Fake, FakeCalls\n\n"
        f"from {client.package}.client import {interface}\n"
        f"from {client.package}.http import CONTRACT, Http{interface}\n\n\n"
        f"class Fake{interface}(Fake, Http{interface}):\n"
        f'    """Answers as a test says, and as the contract of {client.name} allows."""\n\n'
        "    operations: ClassVar = {\n"
        f"{rows}    }}\n\n"
        "    def __init__(self) -> None:\n"
        f'        self._calls = self._fake = FakeCalls("{client.name}", CONTRACT)\n'
    )


def _call(method: Method) -> Iterator[str]:
    """Yields the arguments of the call of an operation."""
    yield _quoted(method.operation)
    for location, keyword in _LOCATIONS.items():
        pairs = [
            f"{_quoted(one.parameter)}: {one.name}"
            for one in method.arguments
            if one.location == location
        ]
        if pairs:
            yield f"{keyword}={{{', '.join(pairs)}}}"
    yield from (f"body={one.name}" for one in method.arguments if one.location == "body")


def _docstring(method: Method) -> str:
    if not method.summary:
        return method.operation
    summary = method.summary.replace("\\", "\\\\").replace('"""', "'''")
    return f"{summary}\n\n        {method.operation}\n        "


def _quoted(text: str) -> str:
    return repr(text)
