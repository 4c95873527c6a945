"""`make contract FROM=their.yaml`: a document from elsewhere becomes the contract, or a part of it."""

from pathlib import Path

from chassis.contract import ContractError

from . import first_resource
from .files import Files
from .operations import base_path
from .project import Project
from .source import Source
from .yaml_text import YamlText

_SERVERS = "- url: /v1\n"


def bring(project: Project, files: Files, path: Path) -> list[str]:
    """Takes a document over, and returns what its reader should know.

    A first resource that nobody has touched makes room for it. All else stays, and is served beside it.

    Args:
        project: the service.
        files: its files; they get the changes.
        path: the document.

    Raises:
        ContractError: it cannot be served; the message says why in a sentence.
    """
    source = Source(path, project)
    if first_resource.is_untouched(project):
        if not source.document.get("servers"):
            source.text.append(("servers",), _SERVERS)
        first_resource.remove(project, files)
        files.write(project.contract, source.text.changed())
        notes = [f"the operations of {path} are served under {base_path(source.document) or '/'}"]
        return [*notes, *first_resource.mentions(project, files)]
    files.append(project.contract, _with(project, source, path))
    return [f"the operations of {path} are served beside those of openapi.yaml"]


def _with(project: Project, source: Source, path: Path) -> str:
    """Returns the contract with the paths and the components of a document, at the ends of its own."""
    if security := source.document.get("security"):
        for place, operation in source.operations():
            if "security" not in operation:
                source.text.set(place, "security", security)
    contract = YamlText(project.contract.read_text(encoding="utf-8"))
    new = YamlText(source.text.changed())
    for key in new.keys("paths"):
        if contract.find("paths", key):
            raise ContractError(f"{path}: openapi.yaml has the path {key}, too")
    contract.append(("paths",), "".join(new.block(("paths",), key) for key in new.keys("paths")))
    kinds = {kind: _components(contract, new, kind, path) for kind in new.keys("components")}
    if contract.find("components"):
        for kind, block in kinds.items():
            if block:
                contract.append(("components", kind), block)
    elif kinds:
        contract.append(
            ("components",), "".join(new.block(("components",), kind) for kind in kinds)
        )
    return contract.changed()


def _components(contract: YamlText, new: YamlText, kind: str, path: Path) -> str:
    """Returns the components of a kind that the contract does not have yet."""
    blocks, place = [], ("components", kind)
    for key in new.keys(*place):
        block = new.block(place, key)
        if not contract.find(*place, key):
            blocks.append(block)
        elif contract.block(place, key) != block:
            raise ContractError(f"{path}: openapi.yaml has another {key} in components/{kind}")
    return "".join(blocks)
