"""The first resource of a service: as long as nobody has touched it, a document from elsewhere replaces it."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import yaml

from . import style
from .files import Files
from .project import Project

_CHECKSUMS = Path(__file__).with_suffix(".json")
"""The checksum of each file of the first resource, as it was at the beginning."""
_TELLING = ("*.md", "docs/*.md", ".*-ci.yml", ".*/workflows/*.yaml", "deploy/**/*", "*.conf.py")


def is_untouched(project: Project) -> bool:
    """Returns whether the first resource is as it was, and nothing stands beside its files."""
    checksums = _checksums()
    if not checksums:
        return False
    for name, expected in checksums.items():
        path = project.root / name
        if not path.is_file() or crc32(path.read_bytes()) != expected:
            return False
    own = {project.root / name for name in checksums}
    beside = {path for directory in _directories(project) for path in directory.rglob("*.py")}
    return beside <= own


def remove(project: Project, files: Files) -> None:
    """Removes the files of the first resource, and its bindings; the contract stays."""
    directories = _directories(project)
    for name in _checksums():
        path = project.root / name
        if any(path.is_relative_to(directory) for directory in directories):
            files.remove(path)
    path = project.sources / project.package / "bindings.py"
    names = {directory.name for directory in directories}
    files.write(path, _without(files.read(path) or "", names, path))


def mentions(project: Project, files: Files) -> Iterator[str]:
    """Yields where other files name a path of the first resource; the changes are not written yet."""
    document = yaml.safe_load(project.contract.read_text(encoding="utf-8"))
    word = re.compile("|".join(rf"/{path.split('/')[1]}\b" for path in document["paths"]))
    for pattern in _TELLING:
        for path in sorted(project.root.glob(pattern)):
            text = files.read(path) or ""
            if found := word.search(text):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{path.relative_to(project.root)}:{line}: names {found[0]}"


def _checksums() -> dict[str, int]:
    if not _CHECKSUMS.is_file():
        return {}
    checksums: dict[str, int] = json.loads(_CHECKSUMS.read_text(encoding="utf-8"))
    return checksums


def _directories(project: Project) -> set[Path]:
    """Returns the directories that have nothing but files of the first resource."""
    package = project.sources / project.package
    found = {(project.root / name).parent for name in _checksums()}
    return {directory for directory in found if directory != package}


def _without(text: str, packages: set[str], path: Path) -> str:
    """Returns a module without what it imports from some packages beside it, and without what uses that."""
    tree = ast.parse(text)
    unwanted: list[ast.stmt] = [
        statement
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom)
        and statement.level == 1
        and str(statement.module).partition(".")[0] in packages
    ]
    names = {
        alias.asname or alias.name
        for statement in unwanted
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    for statement in ast.walk(tree):
        if isinstance(statement, ast.ClassDef):
            for member in statement.body:
                match member:
                    case ast.FunctionDef(name="configure", body=inner):
                        pass
                    case _:
                        inner = [member]
                unwanted += [one for one in inner if names & _names(one)]
    lines = text.splitlines(keepends=True)
    for statement in unwanted:
        first = min(
            [statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))]
        )
        for number in range(first - 1, statement.end_lineno or first):
            lines[number] = ""
    return style.formatted(style.without_unused_imports("".join(lines), path), path)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
