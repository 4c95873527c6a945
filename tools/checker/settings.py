"""Settings: each is read, and nothing is read, set or told of that is none."""

import ast
import re
from collections.abc import Iterator

import yaml

from .. import documents
from .service import Service

Sections = dict[str, set[str]]
Trees = dict[str, ast.Module]
ROOT = "Settings"
PLACES = {"APP_CONFIG_FILE", "APP_SECRETS_DIR"}
# Sections that the owner fills with others, each under a name, and the class of these.
OPEN = {"upstreams": "UpstreamSettings"}
ANY_NAME = "<name>"
VARIABLE = r"\bAPP_(?:[A-Z_]|\{\{[^}]*\}\})+"
# The service's own tests set what is wrong on purpose.
TEXTS = ("tests/",)


def faults(service: Service) -> Iterator[str]:
    """Compares the classes of the settings with the code, the files in config/ and all texts."""
    if own(service) not in service.modules:
        return
    trees = trees_of(service)
    classes, sections = declared(trees)
    properties = {
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    unread = {(owner, key) for owner in sections.values() for key in classes[owner]}
    owners = sections_of_classes(trees, sections)
    for module, code in service.modules.items():
        if module != own(service) and not module.startswith("tests/"):
            for owner, key, line in reads(code, sections, owners):
                if key in classes[owner]:
                    unread.discard((owner, key))
                elif key not in properties and not key.startswith("model_"):
                    yield f"{module}:{line}: reads {owner}.{key}, which is no setting"
    places = {owner: section for section, owner in sections.items()}
    for owner, key in sorted(unread):
        name = f"{places[owner]}.{key}".strip(".")
        yield f"{own(service)}: nothing reads the setting {name}"
    known = names(service)
    yield from unknown_variables(service, known)
    yield from unknown_keys(service, known)


def own(service: Service) -> str:
    """The path of the service's settings; its sections are of the chassis."""
    return f"{service.package}/settings.py"


def trees_of(service: Service) -> Trees:
    """The modules that declare settings: the service's and those of the chassis."""
    return {
        path: tree
        for path, tree in service.modules.items()
        if path == own(service) or path.startswith("src/chassis/settings/")
    }


def names(service: Service) -> set[str]:
    """The dotted names of all settings."""
    classes, sections = declared(trees_of(service))
    return {
        f"{section}.{key}".strip(".")
        for section, owner in sections.items()
        for key in classes[owner]
    }


def kinds(trees: Trees) -> dict[str, ast.ClassDef]:
    """The classes of settings by their names."""
    return {
        node.name: node
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings")
    }


def ancestry(name: str, found: dict[str, ast.ClassDef]) -> list[str]:
    """A class of settings and those that it inherits from, the farthest first."""
    bases = [ast.unparse(base) for base in found[name].bases]
    return [
        *(ancestor for base in bases if base in found for ancestor in ancestry(base, found)),
        name,
    ]


def declared(trees: Trees) -> tuple[Sections, dict[str, str]]:
    """The keys of each class of settings, and the class of each section by its path."""
    found = kinds(trees)
    classes: dict[str, dict[str, str]] = {}
    for name in found:
        bodies = [node for ancestor in ancestry(name, found) for node in found[ancestor].body]
        fields = [statement for statement in bodies if isinstance(statement, ast.AnnAssign)]
        classes[name] = {ast.unparse(f.target): ast.unparse(f.annotation) for f in fields}
    sections = {"": ROOT}
    for path in iter_growing(sections):
        for key, kind in classes[sections[path]].items():
            if kind in classes:
                sections[f"{path}.{key}".strip(".")] = kind
        if OPEN.get(path) in classes:
            sections[f"{path}.{ANY_NAME}"] = OPEN[path]
    return {owner: set(keys) for owner, keys in classes.items()}, sections


def sections_of_classes(trees: Trees, sections: dict[str, str]) -> dict[str, str]:
    """The class of a section by each class that it inherits from, and by itself."""
    found = kinds(trees)
    return {ancestor: kind for kind in sections.values() for ancestor in ancestry(kind, found)}


def iter_growing(sections: dict[str, str]) -> Iterator[str]:
    """The paths of sections, those too that are added meanwhile."""
    seen: set[str] = set()
    while more := sections.keys() - seen:
        seen |= more
        yield from sorted(more)


def reads(
    tree: ast.Module, sections: dict[str, str], classes: dict[str, str]
) -> Iterator[tuple[str, str, int]]:
    """The class, key and line of each setting that a module reads.

    A class of settings is known by an annotation (`settings: LogSettings`), which may be one that it inherits from,
    and a section by what it is read from (`settings.log`).
    """
    owners = {"settings": ROOT, "loaded": ROOT}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            for name in re.findall(r"\w*Settings\b", ast.unparse(node.annotation)):
                owners[node.arg.strip("_")] = classes.get(name, name)
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
    for path, place, found in service.search(VARIABLE):
        # What a template of the chart puts together has a name in it.
        name = re.sub(r"\{\{[^}]*\}\}", "NAME", found[0])
        if not path.startswith(TEXTS) and not is_variable(name, known):
            yield f"{place}: names the variable {found[0]}, which is no setting"


def is_variable(variable: str, known: set[str]) -> bool:
    """Whether an environment variable is read."""
    patterns = (name.replace(".", "__").replace(ANY_NAME, r"[a-z]\w*") for name in known)
    return variable in PLACES or any(
        re.fullmatch(f"APP_{pattern}", variable, re.IGNORECASE) for pattern in patterns
    )


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
