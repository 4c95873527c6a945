"""A client: its name, and where its parts are."""

import keyword
import re
import sys
from pathlib import Path
from typing import NamedTuple

from chassis.settings import Section
from chassis.start import StartError

from ..contract import code
from ..contract.files import Files
from ..contract.project import Project

_NAME = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DIRECTORIES = {"chassis", "src", "tests", "tools"}


class NameRefusedError(StartError):
    """A client cannot have this name."""


class Client(NamedTuple):
    """The client of a service."""

    name: str
    project: Project

    @property
    def interface(self) -> str:
        """The class that handlers and services ask for."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def package(self) -> str:
        """The package of the client."""
        return f"{self.project.package}.{self.name}"

    @property
    def directory(self) -> Path:
        """The directory of that package."""
        return self.project.sources / self.project.package / self.name

    @property
    def contract(self) -> Path:
        """The OpenAPI document of the service that is called."""
        return self.directory / "openapi.yaml"

    @property
    def fake(self) -> Path:
        """The module with the fake for tests."""
        return self.project.root / "tests" / self.name / "fake.py"

    @property
    def url(self) -> str:
        """The URL of the service in Compose and in Kubernetes."""
        return f"http://{self.name.replace('_', '-')}:8080"


def named(name: str, project: Project, files: Files) -> Client:
    """Returns a client that is there, or one that can be made.

    Args:
        name: what the service is called.
        project: the service that calls it.
        files: its files.

    Raises:
        NameRefusedError: the name cannot be taken; the message says why in a sentence.
    """
    client = Client(name, project)
    if reason := _why_not(client, files):
        raise NameRefusedError(reason)
    return client


def _why_not(client: Client, files: Files) -> str | None:
    name = client.name
    if not name:
        return "say what the service is called: make client FROM=openapi.yaml NAME=stock"
    if not _NAME.fullmatch(name):
        return f"NAME has to be of small letters, digits and underscores, such as stock: {name!r} is not"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return f"{name} is a keyword of Python: choose another NAME"
    if name in sys.stdlib_module_names:
        return f"{name} is a module of Python: choose another NAME"
    if name == client.project.package or name in _DIRECTORIES:
        return f"{name} is a package of this service: choose another NAME"
    if hasattr(Section, name):
        return f"{name} cannot be the name of a setting: choose another NAME"
    return None if files.read(client.contract) is not None else _what_is_there(client, files)


def _what_is_there(client: Client, files: Files) -> str | None:
    """Returns what a new client would take the place of."""
    root, package = client.project.root, client.directory.parent
    for path in (client.directory, package / f"{client.name}.py", client.fake.parent):
        if path.exists():
            return f"there is {path.relative_to(root)} already: choose another NAME"
    bindings = package / "bindings.py"
    if client.interface in code.read(files.read(bindings) or "").names:
        where = bindings.relative_to(root)
        return f"{where} has the name {client.interface} already: choose another NAME"
    return None
