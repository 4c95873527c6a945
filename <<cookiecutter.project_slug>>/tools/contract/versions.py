"""`make contract VERSION=v2`: another version of the API, served beside the first one."""

import re

import yaml

from chassis.contract import ContractError

from .files import Files
from .project import Project

_NAME = re.compile("v[1-9][0-9]*")
_LAST_STEP = re.compile("/[^/]+$")


def add_version(project: Project, files: Files, name: str) -> Project:
    """Copies the document, so that the copy can be changed; its operations keep their functions.

    Args:
        project: the service.
        files: get the copy.
        name: of the version, and the last part of the path that it is served under.

    Returns:
        The project for the version.

    Raises:
        ContractError: the version cannot be added.
    """
    added = project._replace(suffix=f"_{name}")
    if not _NAME.fullmatch(name):
        raise ContractError(f"VERSION has to be like v2, not {name}")
    if files.read(added.contract) is not None:
        raise ContractError(f"{added.contract.relative_to(project.root)} is there already")
    files.write(added.contract, _moved(files.read(project.contract) or "", name))
    return added


def _moved(text: str, name: str) -> str:
    """Returns the text of a document with another last step of the first server's path."""
    node = _inside(_inside(yaml.compose(text, yaml.SafeLoader), "servers"), 0)
    server = _inside(node, "url")
    if not isinstance(server, yaml.ScalarNode) or not _LAST_STEP.search(server.value):
        raise ContractError("openapi.yaml: the first server needs a path, such as /v1")
    url = _LAST_STEP.sub(f"/{name}", server.value)
    if url == server.value:
        raise ContractError(f"openapi.yaml is {name} itself")
    return f"{text[: server.start_mark.index]}{url}{text[server.end_mark.index :]}"


def _inside(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for name, value in node.value if name.value == key), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and node.value:
        first: yaml.Node = node.value[key]
        return first
    return None
