"""All that `make client` does, before it is done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.contract.calls import check_called
from chassis.start import StartError

from ..contract.files import Files
from ..contract.project import Project
from ..contract.source import read_source
from . import client as clients
from .client import Client
from .described import LeftOut, Method, methods
from .modules import modules
from .wiring import wire


def plan(project: Project, files: Files, name: str, source: Path | None) -> list[str]:
    """Plans the client of a service, and returns what its owner should know.

    Args:
        project: the service that calls.
        files: its files; they get the changes.
        name: what the service that is called is named here.
        source: its OpenAPI document; None if the one that was brought before is read again.

    Raises:
        StartError: there can be no such client; the message says why in a sentence.
        SyntaxError: a module of the service is not Python.
    """
    client = clients.named(name, project, files)
    is_new = not client.contract.is_file()
    if source is None and is_new:
        where = client.contract.relative_to(project.root)
        raise StartError(f"there is no {where}: bring the OpenAPI document of {name} by FROM")
    document = _read(client, source or client.contract)
    found = list(methods(document))
    left_out = [one for one in found if isinstance(one, LeftOut)]
    called = [one for one in found if isinstance(one, Method)]
    if not called:
        first = left_out[0]
        reason = f"no operation can be called: {first.operation} {first.reason}"
        raise StartError(f"{source or client.contract}: {reason}")
    if source:
        files.write(client.contract, source.read_text(encoding="utf-8"))
    for path, text in modules(client, document, called):
        files.write(path, text)
    notes = list(map(str, left_out))
    return [*notes, *wire(client, files), *_credentials(client, document)] if is_new else notes


def _read(client: Client, path: Path) -> dict[str, Any]:
    document = read_source(path)
    check_called(document, path)
    return document


def _credentials(client: Client, document: Mapping[str, Any]) -> list[str]:
    """Returns what the owner should know of the credentials that a service asks for."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    if not schemes:
        return []
    return [
        f"to do: {client.name} asks for credentials ({', '.join(schemes)}):"
        f" give self._{client.name}.headers in bindings.py what it expects"
    ]
