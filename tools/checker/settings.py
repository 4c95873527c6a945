"""Settings: each is read, and nothing is read, set or told of that is none."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import yaml

from .. import documents
from ..conditions import ALWAYS, NEVER, Condition, refined
from .family import Family, Module
from .file import Fault

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


def faults(family: Family) -> Iterator[Fault]:
    """Compares the classes of the settings with the code, the files in config/ and all texts."""
    known = names(family)
    yield from reading_faults(family)
    yield from unknown_variables(family, known)
    yield from unknown_keys(family, known)


class Declared(NamedTuple):
    """What the modules of settings declare, for some combinations."""

    keys: Sections  # of each class, also those that it inherits
    sections: dict[str, str]  # the class of each section by its path
    owners: dict[
        str, str
    ]  # the class of a section by each class that it inherits from, and by itself
    condition: Condition


def own(family: Family) -> str:
    """The path of the service's settings; its sections are of the chassis."""
    return f"{family.package}/settings.py"


def all_declared(family: Family) -> list[Declared]:
    """What is declared, once for each set of texts of the modules that declare settings."""
    modules = [
        module
        for module in family.modules
        if module.path == own(family) or module.path.startswith("src/chassis/settings/")
    ]
    parts = refined([family.where(own(family))], [module.condition for module in modules])
    found = []
    for condition in parts:
        trees = {module.path: module.tree for module in modules if module.condition & condition}
        if ROOT in kinds(trees):
            keys, sections = declared(trees)
            found.append(Declared(keys, sections, sections_of_classes(trees, sections), condition))
    return found


def names(family: Family) -> dict[str, Condition]:
    """The dotted names of all settings, and where there are these."""
    found: dict[str, Condition] = {}
    for part in all_declared(family):
        for section, owner in part.sections.items():
            for key in part.keys[owner]:
                name = f"{section}.{key}".strip(".")
                found[name] = found.get(name, NEVER) | part.condition
    return found


def reading_faults(family: Family) -> Iterator[Fault]:
    """Finds what is read and is no setting, and settings that nothing reads."""
    properties: dict[str, Condition] = {}
    reading: list[tuple[Module, list[Read]]] = []
    for module in family.modules:
        if module.path == own(family) or module.path.startswith("src/chassis/settings/"):
            for node in ast.walk(module.tree):
                if isinstance(node, ast.FunctionDef):
                    properties[node.name] = properties.get(node.name, NEVER) | module.condition
        if module.path != own(family) and not module.path.startswith("tests/"):
            reading.append((module, reads(module.tree)))
    for part in all_declared(family):
        unread = {
            (owner, key): part.condition
            for owner in part.sections.values()
            for key in part.keys[owner]
        }
        for module, found in reading:
            condition = module.condition & part.condition
            for read in found if condition else ():
                owner = read.owner(part)
                if owner and read.key in part.keys[owner]:
                    unread[owner, read.key] &= ~condition
                    continue
                wrong = condition & ~properties.get(read.key, NEVER)
                if owner and wrong and not read.key.startswith("model_"):
                    sentence = f"reads {owner}.{read.key}, which is no setting"
                    yield Fault(f"{module.path}:{read.line}: {sentence}", wrong)
        places = {owner: section for section, owner in part.sections.items()}
        for (owner, key), wrong in sorted(unread.items()):
            if wrong:
                name = f"{places[owner]}.{key}".strip(".")
                yield Fault(f"{own(family)}: nothing reads the setting {name}", wrong)


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


@dataclass(frozen=True)
class Read:
    """An attribute that may be a setting.

    A class of settings is known by an annotation (`settings: LogSettings`), which may be one that it inherits from,
    and a section by what it is read from (`settings.log`).
    """

    annotation: str
    path: tuple[str, ...]
    key: str
    line: int

    def owner(self, part: Declared) -> str | None:
        """The class of settings that the attribute is read from, if it is one."""
        owner: str | None = part.owners.get(self.annotation, self.annotation)
        if owner == ROOT:
            owner = part.sections.get(".".join(self.path))
        elif self.path:
            return None
        return owner if owner in part.sections.values() else None


@cache
def reads(tree: ast.Module) -> list[Read]:
    """Finds all attributes of what may be settings."""
    annotations = {"settings": ROOT, "loaded": ROOT}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            for name in re.findall(r"\w*Settings\b", ast.unparse(node.annotation)):
                annotations[node.arg.strip("_")] = name
    found: list[Read] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            # A parameter, or the attribute of an object that keeps it.
            first, *path = ast.unparse(node.value).removeprefix("self._").split(".")
            if first in annotations:
                found.append(Read(annotations[first], tuple(path), node.attr, node.lineno))
    return found


def unknown_variables(family: Family, known: dict[str, Condition]) -> Iterator[Fault]:
    """Finds environment variables that stand for no setting."""
    for line, found in family.search(VARIABLE):
        # What a template of the chart puts together has a name in it.
        name = re.sub(r"\{\{[^}]*\}\}", "NAME", found[0])
        if not line.path.startswith(TEXTS) and (wrong := line.condition & ~variable(name, known)):
            yield line.fault(f"names the variable {found[0]}, which is no setting", wrong)


def variable(name: str, known: dict[str, Condition]) -> Condition:
    """Where an environment variable is read."""
    if name in PLACES:
        return ALWAYS
    there = NEVER
    for setting, condition in known.items():
        pattern = setting.replace(".", "__").replace(ANY_NAME, r"[a-z]\w*")
        if re.fullmatch(f"APP_{pattern}", name, re.IGNORECASE):
            there |= condition
    return there


def unknown_keys(family: Family, known: dict[str, Condition]) -> Iterator[Fault]:
    """Finds keys of the files in config/ that are no settings."""
    for path, file in family.files.items():
        if path.startswith("config/"):
            for text, condition in file.texts.items():
                try:
                    values = documents.load(text)
                except yaml.YAMLError:
                    continue
                for name in names_in(values):
                    if wrong := condition & ~known.get(name, NEVER):
                        yield Fault(f"{path}: sets {name}, which is no setting", wrong)


def names_in(values: dict[str, object], within: str = "") -> Iterator[str]:
    """The dotted names of all keys, those of sections too."""
    for key, value in values.items():
        name = f"{within}.{key}".strip(".")
        yield name
        if isinstance(value, dict):
            yield from names_in(value, name)
