"""References: what a file names is there, be it a file, a heading, a Make target or a module."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from .. import recipes
from ..conditions import NEVER, Condition
from .dependencies import commands_of
from .family import Family
from .file import Fault, Line
from .imports import bound, dotted, imports

LINK = r"\[[^]]*\]\(([^)\s:]*)\)"
SPAN = r"`([^`\s]+)`"
# A path of the service: from one of its directories on, or a file by its usual ending.
DIRECTORIES = ("config", "deploy", "docs", "migrations", "src", "tests")
PATH = rf"(?<![\w/.-])(?:\./)?((?:{'|'.join(DIRECTORIES)})/[\w./-]*\w/?)"
FILE = r"[\w.-]+(/[\w.-]+)*\.(py|md|toml|ya?ml|txt|ini|json)|Makefile|Dockerfile|([\w.-]+/)+"
# What a service writes when it runs or is tested, and what the world calls by a path.
NOT_FILES = {"development.db", "/openapi.json", ".secrets/", "sbom.cdx.json"}
NOT_FILES |= {f"contract/{name}.yaml" for name in ("accepted", "released", "released_v2")}


def faults(family: Family) -> Iterator[Fault]:
    """Finds links, paths, Make targets, commands and modules that lead nowhere."""
    yield from dead_links(family)
    yield from dead_paths(family)
    yield from dead_targets(family)
    yield from dead_commands(family)
    yield from dead_modules(family)
    yield from dead_scripts(family)
    yield from dead_imports(family)


def dead_links(family: Family) -> Iterator[Fault]:
    """Finds links of a page to files and headings that are not there."""
    for line, found in family.search(LINK):
        if line.path.endswith(".md"):
            name, _, anchor = found[1].partition("#")
            target = resolve(line.path, name) if name else line.path
            if wrong := line.condition & ~family.where(target):
                yield line.fault(f"links to {found[1]}, which is not there", wrong)
            there = line.condition & family.where(target)
            if anchor and (wrong := there & ~heading(family, target, anchor)):
                yield line.fault(f"links to {found[1]}, a heading that is not there", wrong)


def dead_paths(family: Family) -> Iterator[Fault]:
    """Finds paths in any text, and file names in the pages, of files that are not there."""
    for line, found in family.search(PATH):
        if wrong := missing(family, line, found[1]):
            yield line.fault(f"names {found[1]}, which is not there", wrong)
    for line, found in family.search(SPAN):
        is_file = line.path.endswith(".md") and re.fullmatch(FILE, found[1])
        if is_file and found[1] not in NOT_FILES and (wrong := missing(family, line, found[1])):
            yield line.fault(f"names {found[1]}, which is not there", wrong)


def dead_targets(family: Family) -> Iterator[Fault]:
    """Finds Make targets that are named, but have no rule."""
    targets = matched(family, r"([a-z.][\w./-]*):(?!=)")
    for line, found in family.search(r"(?:`|\$ |run: |^|make lint && )make ([a-z-]+)"):
        wrong = line.condition & ~targets.get(found[1], NEVER)
        if line.path != "Makefile" and wrong:
            yield line.fault(
                f"names the target {found[1]}, which the Makefile does not have", wrong
            )
    rule = re.compile(r"([a-z. -]+):(?![=])([^=#\n]*)(?:##.*)?$")
    for text, condition in family.lines("Makefile").items():
        if found := rule.match(text):
            for name in [*found[1].split(), *found[2].split()]:
                there = targets.get(name, NEVER) | family.where(name)
                if name != ".PHONY" and (wrong := condition & ~there):
                    sentence = f"names the target {name}, which it does not have"
                    yield Fault(f"Makefile: {sentence}", wrong)
    phony = matched(family, r"\.PHONY: (\S+)$")
    described = matched(family, r"([a-z-]+):.*##")
    for name in sorted({*phony, *described}):
        if wrong := phony.get(name, NEVER) ^ described.get(name, NEVER):
            yield Fault(f"Makefile: the target {name} is not both phony and described", wrong)


def matched(family: Family, pattern: str) -> dict[str, Condition]:
    """What a group of a pattern finds at the starts of the Makefile's lines, and where."""
    found: dict[str, Condition] = {}
    for text, condition in family.lines("Makefile").items():
        if match := re.match(pattern, text):
            found[match[1]] = found.get(match[1], NEVER) | condition
    return found


def dead_commands(family: Family) -> Iterator[Fault]:
    """Finds commands that the environment of the service does not have."""
    known = {name for names in commands_of(family.environment).values() for name in names}
    known |= {"python", family.names["project_slug"]}
    for line, found in family.search(r"(?:\$\(BIN\)|\.venv/bin)/([\w.-]+)"):
        if found[1] not in known:
            yield line.fault(f"runs {found[1]}, a command that nothing installs")


def dead_modules(family: Family) -> Iterator[Fault]:
    """Finds modules that are named in texts instead of being imported."""
    package = family.names["package_name"]
    for line, found in family.search(rf'"((?:{package}|chassis|tests)[\w.]*)(?::\w+)?"'):
        parts = found[1].split(".")
        # Helm's templates are named in the same way.
        if line.path.startswith("deploy/chart/") or len(parts) == 1:
            continue
        # The last parts may be a class, a function or an attribute.
        there = NEVER
        for end in range(2, len(parts) + 1):
            there |= module_at(family, ".".join(parts[:end]))
        if wrong := line.condition & ~there:
            yield line.fault(f"names the module {found[1]}, which is not there", wrong)


def dead_scripts(family: Family) -> Iterator[Fault]:
    """Finds commands of the service whose function is not there."""
    package = family.names["package_name"]
    for text, condition in family.lines("pyproject.toml").items():
        if found := re.fullmatch(rf'[\w-]+ = "({package}[\w.]*):(\w+)"', text):
            there = NEVER
            for line, where in family.lines(f"src/{found[1].replace('.', '/')}.py").items():
                if line.startswith(f"def {found[2]}("):
                    there |= where
            if wrong := condition & ~there:
                yield Fault(
                    f"pyproject.toml: names {found[1]}:{found[2]}, which is not there", wrong
                )


def dead_imports(family: Family) -> Iterator[Fault]:
    """Finds imports of modules of the service, and of names from these, that are not there."""
    own = {family.names["package_name"], "chassis", "tests", "tools"}
    offered: dict[tuple[str, str], Condition] = {}
    for module in family.modules:
        for name in bound(module.tree):
            key = (dotted(module.path), name)
            offered[key] = offered.get(key, NEVER) | module.condition
    for module in family.modules:
        for line, imported, name in imports(module.path, module.tree):
            if imported.partition(".")[0] not in own:
                continue
            place = f"{module.path}:{line}"
            if wrong := module.condition & ~importable(family, imported):
                yield Fault(f"{place}: imports {imported}, which is not there", wrong)
            elif name and name != "*":
                there = importable(family, f"{imported}.{name}") | offered.get(
                    (imported, name), NEVER
                )
                if wrong := module.condition & ~there:
                    yield Fault(f"{place}: imports {name} of {imported}, which is not there", wrong)


def module_at(family: Family, name: str) -> Condition:
    """Where there is a module or a package of this name."""
    path = name.replace(".", "/")
    there = NEVER
    for root in ("", "src/"):
        there |= family.where(f"{root}{path}.py") | family.where(f"{root}{path}/__init__.py")
    return there


def importable(family: Family, name: str) -> Condition:
    """Where a module can be imported, or a directory of modules."""
    path = name.replace(".", "/")
    return module_at(family, name) | family.within(path) | family.within(f"src/{path}")


def missing(family: Family, line: Line, name: str) -> Condition:
    """Where a line names a file or directory that is not there.

    It may be beside the file of the line, in the root, in the package or anywhere. In a page it
    may be a file that the page tells how to make.
    """
    wrong = line.condition & ~place_of(family, line.path, name)
    if wrong and line.path.endswith(".md"):
        for text, condition in family.texts(line.path).items():
            if condition & wrong and any(is_at(line.path, name, path) for path in made(text)):
                wrong &= ~condition
    return wrong


def place_of(family: Family, path: str, name: str) -> Condition:
    """Where there is a file that a name can mean in another file."""
    if "/" not in name.rstrip("/"):
        return family.parts.get(name.rstrip("/"), NEVER)
    there = NEVER
    for place in (resolve(path, name), name, f"{family.package}/{name}", f"src/{name}"):
        there |= family.where(place) | family.within(place)
    return there


def is_at(path: str, name: str, file: str) -> bool:
    """Whether a name in a page means a file that the page makes."""
    if "/" not in name.rstrip("/"):
        return name.rstrip("/") in PurePosixPath(file).parts
    return any(
        file == place or file.startswith(f"{place.rstrip('/')}/")
        for place in (resolve(path, name), name, f"src/{name}")
    )


@cache
def made(page: str) -> list[str]:
    """The paths of the files that a page tells how to make, or that a command in it makes."""
    created = re.findall(r"^CREATE (\S+)$", page, re.MULTILINE)
    return [*created, *(step.path for step in recipes.steps(page) if step.is_new)]


def resolve(path: str, name: str) -> str:
    """The path that a name means in a file."""
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / name).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)


def heading(family: Family, path: str, anchor: str) -> Condition:
    """Where a page has a heading with this anchor, as GitHub makes them."""
    there = NEVER
    for text, condition in family.lines(path).items():
        found = re.match(r"#+ (.+)$", text)
        if found and re.sub(r"[^\w\- ]", "", found[1].lower()).replace(" ", "-") == anchor:
            there |= condition
    return there
