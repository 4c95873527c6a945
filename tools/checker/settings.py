"""Settings: each is read, and nothing is read, set or told of that is none."""

import ast
import re
from collections.abc import Iterator

import yaml

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
    classes, sections = declared(service.modules[path])
    unread = {(owner, key) for owner, keys in classes.items() for key in keys}
    for module, tree in service.modules.items():
        if module != path and not module.startswith("tests/"):
            for owner, key, line in reads(tree, sections):
                if key in classes[owner]:
                    unread.discard((owner, key))
                elif not key.startswith("model_"):
                    yield f"{module}:{line}: reads {owner}.{key}, which is no setting"
    names = {owner: section for section, owner in sections.items()}
    for owner, key in sorted(unread):
        name = f"{names[owner]}.{key}" if owner in names else key
        yield f"{path}: nothing reads the setting {name}"
    known = {key: classes.get(sections.get(key, ""), set()) for key in classes[ROOT]}
    yield from unknown_variables(service, known)
    yield from unknown_keys(service, known)


def declared(tree: ast.Module) -> tuple[Sections, dict[str, str]]:
    """The keys of each class of settings, and the class of each section."""
    classes: Sections = {}
    sections: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
            fields = [one for one in node.body if isinstance(one, ast.AnnAssign)]
            classes[node.name] = {ast.unparse(one.target) for one in fields}
            for one in fields:
                if node.name == ROOT and ast.unparse(one.annotation) in classes:
                    sections[ast.unparse(one.target)] = ast.unparse(one.annotation)
    return classes, sections


def reads(tree: ast.Module, sections: dict[str, str]) -> Iterator[tuple[str, str, int]]:
    """The class, key and line of each setting that a module reads.

    A class of settings is known by an annotation (`settings: LogSettings`), and a section by what
    it is read from (`settings.log`).
    """
    owners = {"settings": ROOT, "loaded": ROOT}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation:
            for name in re.findall(r"\w*Settings\b", ast.unparse(node.annotation)):
                owners[node.arg] = name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            if isinstance(owner, ast.Name) and owners.get(owner.id) in {ROOT, *sections.values()}:
                yield owners[owner.id], node.attr, node.lineno
            elif (
                isinstance(owner, ast.Attribute)
                and isinstance(owner.value, ast.Name)
                and owners.get(owner.value.id) == ROOT
                and owner.attr in sections
            ):
                yield sections[owner.attr], node.attr, node.lineno


def unknown_variables(service: Service, known: Sections) -> Iterator[str]:
    """Finds environment variables that stand for no setting."""
    variables = {f"APP_{section}".upper() for section in known}
    variables |= {f"APP_{name}__{key}".upper() for name, keys in known.items() for key in keys}
    for path, place, found in service.search(r"\bAPP_[A-Z][A-Z_]*\b"):
        if not path.startswith(TEXTS) and found[0] not in variables | PLACES:
            yield f"{place}: names the variable {found[0]}, which is no setting"


def unknown_keys(service: Service, known: Sections) -> Iterator[str]:
    """Finds keys of the files in config/ that are no settings."""
    for path, text in service.texts.items():
        if path.startswith("config/"):
            try:
                values = yaml.safe_load(text)
            except yaml.YAMLError:
                continue
            for section, value in values.items():
                for key in value if isinstance(value, dict) else [""]:
                    if section not in known or (key and key not in known[section]):
                        yield f"{path}: sets {section}{key and '.'}{key}, which is no setting"
