"""What a new client needs in the files of the service: where a place cannot be found, the lines to add are told."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

<% if cookiecutter.helm %>
from chassis.contract import ContractError

<% endif %>
from ..contract import style
from ..contract.files import Files
<% if cookiecutter.helm %>
from ..contract.yaml_text import YamlText
<% endif %>
from .client import Client

<% if cookiecutter.metrics %>
_ROOM, _SESSION = "chassis.http_client.metrics", "MeasuredSession"
<% else %>
_ROOM, _SESSION = "chassis.http_client", "UpstreamSession"
<% endif %>
_ROW = "| `upstreams.<name>.url` | | URL of the service |\n"


class _NoPlaceError(Exception):
    """A text has no place for lines; the message has the lines."""


def wire(client: Client, files: Files) -> Iterator[str]:
    """Adds the setting and the binding of a client, and yields what is left to do by hand.

    Args:
        client: a new one.
        files: get the changes.

    Raises:
        SyntaxError: a module of the service is not Python.
    """
    package, root = client.directory.parent, client.project.root
    steps: dict[Path, Callable[[str, Client], str]] = {
        package / "settings.py": _with_setting,
        package / "bindings.py": _with_binding,
        package / "app.py": _with_settings_of_bindings,
        root / "docs" / "configuration.md": _with_row,
<% if cookiecutter.helm %>
        root / "deploy" / "chart" / "values.yaml": _with_upstream,
<% endif %>
    }
    for path, step in steps.items():
        before = files.read(path) or ""
        try:
            text = step(before, client)
        except _NoPlaceError as error:
            yield f"to do: add to {path.relative_to(root)}:\n{error}"
            continue
        if path.suffix == ".py":
            text = _tidy(text, before, path)
        change = files.append if style.has_all_lines(text, before) else files.write
        change(path, text)
    yield (
        f"to do: the operations that call {client.name} answer 502, 503 and 504, too, and the fuzz"
        " needs a peer: see docs/http-client.md"
    )


def _with_setting(text: str, client: Client) -> str:
    imported = "from chassis.settings.upstreams import UpstreamSettings"
    setting = f'    {client.name}: UpstreamSettings = UpstreamSettings(url="{client.url}")\n'
    section = _class(ast.parse(text), "UpstreamsSettings")
    if section is None:
        raise _NoPlaceError(f"{imported}\n\nclass UpstreamsSettings(Section):\n{setting}")
    gap = "\n" if _is_docstring(section.body[-1]) else ""
    return _with_import(_after(text, section.body[-1], f"{gap}{setting}"), imported)


def _with_binding(text: str, client: Client) -> str:
    session = f'        self._{client.name} = {_SESSION}("{client.name}", settings.{client.name})\n'
    implementation = f"Http{client.interface}(self._{client.name})"
    bound = f"        binder.bind({client.interface}, to={implementation})\n"
    constructor = f"    def __init__(self, settings: UpstreamsSettings) -> None:\n{session}"
    imports = [
        f"from {_ROOM} import {_SESSION}",
        f"from .{client.name}.client import {client.interface}",
        f"from .{client.name}.http import Http{client.interface}",
        "from .settings import UpstreamsSettings",
    ]
    bindings = _class(ast.parse(text), "Bindings")
    configure = _function(bindings, "configure")
    given = _function(bindings, "__init__")
    if configure is None or (given and not _takes_settings(given)):
        lines = [f"{line}\n" for line in imports]
        configured = f"    def configure(self, binder: Binder) -> None:\n{bound}"
        raise _NoPlaceError("".join([*lines, "\n", constructor, "\n", configured]))
    # From the end to the beginning: then places stay.
    text = _after(text, configure.body[-1], bound)
    if given:
        text = _after(text, given.body[-1], session)
    else:
        text = _before(text, configure, f"{constructor}\n")
    for line in imports:
        text = _with_import(text, line)
    return text


def _with_settings_of_bindings(text: str, _: Client) -> str:
    made, wanted = "Bindings()", "Bindings(settings.upstreams)"
    if wanted in text:
        return text
    if text.count(made) != 1:
        raise _NoPlaceError(f"    injector = Injector([{wanted}])\n")
    return text.replace(made, wanted)


def _with_row(text: str, client: Client) -> str:
    row = f"| `upstreams.{client.name}.url` | `{client.url}` | URL of {client.name} |\n"
    if text.count(_ROW) != 1:
        raise _NoPlaceError(row)
    return text.replace(_ROW, f"{_ROW}{row}")
<% if cookiecutter.helm %>


def _with_upstream(text: str, client: Client) -> str:
    """Returns the values of the chart with a URL and the rule of the network policy."""
    entry = (
        f"{client.name}:\n"
        f"  url: {client.url}\n"
        "  egress:\n"
        "    to:\n"
        "      - podSelector: {}\n"
        "    ports:\n"
        "      - port: 8080\n"
        "        protocol: TCP\n"
    )
    indented = "".join(f"  {line}\n" for line in entry.splitlines())
    none = "upstreams: {}\n"
    if text.count(f"\n{none}") == 1:
        return text.replace(f"\n{none}", f"\nupstreams:\n{indented}")
    values = YamlText(text)
    try:
        values.append(("upstreams",), entry)
    except ContractError:
        raise _NoPlaceError(f"upstreams:\n{indented}") from None
    return values.changed()
<% endif %>


def _tidy(text: str, before: str, path: Path) -> str:
    """Returns a text with its imports in order and formatted, if it was so before."""
    steps: list[Callable[[str, Path], str]] = [style.sorted_imports, style.formatted]
    for step in steps:
        if step(before, path) == before:
            text = step(text, path)
    return text


def _class(tree: ast.Module, name: str) -> ast.ClassDef | None:
    found = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    return found[0] if len(found) == 1 else None


def _function(of: ast.ClassDef | None, name: str) -> ast.FunctionDef | None:
    body = of.body if of else []
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
    return found[0] if len(found) == 1 else None


def _takes_settings(function: ast.FunctionDef) -> bool:
    """Whether a function has the settings of upstreams by the name that new lines give them."""
    return any(
        argument.arg == "settings"
        and argument.annotation is not None
        and ast.unparse(argument.annotation) == "UpstreamsSettings"
        for argument in function.args.args
    )


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _after(text: str, statement: ast.stmt, lines: str) -> str:
    return _inserted(text, statement.end_lineno or statement.lineno, lines)


def _before(text: str, function: ast.FunctionDef, lines: str) -> str:
    first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
    return _inserted(text, first - 1, lines)


def _inserted(text: str, place: int, lines: str) -> str:
    """Returns a text with lines behind the first few."""
    kept = text.splitlines(keepends=True)
    return "".join([*kept[:place], lines, *kept[place:]])


def _with_import(text: str, statement: str) -> str:
    """Returns a module that imports a name, which stands before its first import."""
    body = ast.parse(text).body
    imports = [node for node in body if isinstance(node, (ast.Import, ast.ImportFrom))]
    if any(statement in _single(node) for node in imports):
        return text
    others = [node for node in imports if getattr(node, "module", "") != "__future__"]
    first = others[0].lineno - 1 if others else (body[0].end_lineno or 0)
    return _inserted(text, first, f"{statement}\n")


def _single(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Returns a statement for each name that is imported from a module."""
    if isinstance(node, ast.Import):
        return []
    return [ast.unparse(ast.ImportFrom(node.module, [name], node.level)) for name in node.names]
