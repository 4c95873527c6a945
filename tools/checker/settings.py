"""Settings: each is read, and nothing is read, set or told of that is none."""

import ast
import re
from collections.abc import Iterator

import yaml

from .. import documents
from .service import Service

Sections = dict[str, set[str]]
ROOT = "Settings"
PLACES = {"APP_CONFIG_FILE", "APP_SECRETS_DIR"}
# The service's own tests set what is wrong on purpose.
TEXTS = ("tests/",)


def faults(service: Service) -> Iterator[str]:
    """Compares the classes of settings.py with the code, the files in config/ and all texts."""
    path = f"{service.package}/settings.py"
    if path not in service.modules:
        return
    tree = service.modules[path]
    classes, sections = declared(tree)
    properties = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    unread = {(owner, key) for owner, keys in classes.items() for key in keys}
    for module, code in service.modules.items():
        if module != path and not module.startswith("tests/"):
            for owner, key, line in reads(code, sections):
                if key in classes[owner]:
                    unread.discard((owner, key))
                elif key not in properties and not key.startswith("model_"):
                    yield f"{module}:{line}: reads {owner}.{key}, which is no setting"
    places = {owner: section for section, owner in sections.items()}
    for owner, key in sorted(unread):
        name = f"{places[owner]}.{key}".strip(".")
        yield f"{path}: nothing reads the setting {name}"
    known = names(service)
    yield from unknown_variables(service, known)
    yield from unknown_keys(service, known)


def names(service: Service) -> set[str]:
    """The dotted names of all settings."""
    classes, sections = declared(service.modules[f"{service.package}/settings.py"])
    return {
        f"{section}.{key}".strip(".")
        for section, owner in sections.items()
        for key in classes[owner]
    }


def declared(tree: ast.Module) -> tuple[Sections, dict[str, str]]:
    """The keys of each class of settings, and the class of each section by its path."""
    classes: dict[str, dict[str, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
            fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
            classes[node.name] = {ast.unparse(f.target): ast.unparse(f.annotation) for f in fields}
    sections = {"": ROOT}
    for path in iter_growing(sections):
        for key, kind in classes[sections[path]].items():
            if kind in classes:
                sections[f"{path}.{key}".strip(".")] = kind
    return {owner: set(keys) for owner, keys in classes.items()}, sections


def iter_growing(sections: dict[str, str]) -> Iterator[str]:
    """The paths of sections, those too that are added meanwhile."""
    seen: set[str] = set()
    while more := sections.keys() - seen:
        seen |= more
        yield from sorted(more)


def reads(tree: ast.Module, sections: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    """The class, key and line of each setting that a module reads.

    A class of settings is known by an annotation (`settings: LogSettings`), and a section by what
    it is read from (`settings.log`).
    """
    owners = {"settings": ROOT, "loaded": ROOT}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            for name in re.findall(r"\w*Settings\b", ast.unparse(node.annotation)):
                owners[node.arg.strip("_")] = name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            # A parameter, or the attribute of an object that keeps it.
            first, *path = ast.unparse(node.value).removeprefix("self._").split(".")
            owner = owners.get(first)
            if owner == ROOT:
                owner = sections.get(".".join(path))
            elif path:
                continue
            if owner in sections.values():
                yield owner, node.attr, node.lineno


def unknown_variables(service: Service, known: set[str]) -> Iterator[str]:
    """Finds environment variables that stand for no setting."""
    read = variables(known)
    for path, place, found in service.search(r"\bAPP_[A-Z][A-Z_]*\b"):
        if not path.startswith(TEXTS) and found[0] not in read:
            yield f"{place}: names the variable {found[0]}, which is no setting"


def variables(known: set[str]) -> set[str]:
    """The environment variables that are read."""
    return {f"APP_{name.replace('.', '__')}".upper() for name in known} | PLACES


def unknown_keys(service: Service, known: set[str]) -> Iterator[str]:
    """Finds keys of the files in config/ that are no settings."""
    for path, text in service.texts.items():
        if path.startswith("config/"):
            try:
                values = documents.load(text)
            except yaml.YAMLError:
                continue
            for name in names_in(values):
                if name not in known:
                    yield f"{path}: sets {name}, which is no setting"


def names_in(values: dict[str, object], within: str = "") -> Iterator[str]:
    """The dotted names of all keys, those of sections too."""
    for key, value in values.items():
        name = f"{within}.{key}".strip(".")
        yield name
        if isinstance(value, dict):
            yield from names_in(value, name)
