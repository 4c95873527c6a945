"""References: what a file names is there, be it a file, a heading, a Make target or a module."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from .. import recipes
from .dependencies import commands_of
from .service import Service

LINK = r"\[[^]]*\]\(([^)\s:]*)\)"
SPAN = r"`([^`\s]+)`"
# A path of the service: from one of its directories on, or a file by its usual ending.
DIRECTORIES = ("config", "deploy", "docs", "migrations", "src", "tests")
PATH = rf"(?<![\w/.-])(?:\./)?((?:{'|'.join(DIRECTORIES)})/[\w./-]*\w/?)"
FILE = r"[\w.-]+(/[\w.-]+)*\.(py|md|toml|ya?ml|txt|ini|json)|Makefile|Dockerfile|([\w.-]+/)+"
# What a service writes when it runs or is tested, and what the world calls by a path.
NOT_FILES = {"development.db", "/openapi.json", ".secrets/", "sbom.cdx.json"}


def faults(service: Service) -> Iterator[str]:
    """Finds links, paths, Make targets, commands and modules that lead nowhere."""
    yield from dead_links(service)
    yield from dead_paths(service)
    yield from dead_targets(service)
    yield from dead_commands(service)
    yield from dead_modules(service)


def dead_links(service: Service) -> Iterator[str]:
    """Finds links of a page to files and headings that are not there."""
    for path, place, found in service.search(LINK):
        if path.endswith(".md"):
            name, _, anchor = found[1].partition("#")
            target = resolve(path, name) if name else path
            if target not in service.texts:
                yield f"{place}: links to {found[1]}, which is not there"
            elif anchor and anchor not in anchors(service.texts[target]):
                yield f"{place}: links to {found[1]}, a heading that is not there"


def dead_paths(service: Service) -> Iterator[str]:
    """Finds paths in any text, and file names in the pages, of files that are not there."""
    for path, place, found in service.search(PATH):
        if not exists(service, path, found[1]):
            yield f"{place}: names {found[1]}, which is not there"
    for path, place, found in service.search(SPAN):
        is_file = path.endswith(".md") and re.fullmatch(FILE, found[1])
        if is_file and found[1] not in NOT_FILES and not exists(service, path, found[1]):
            yield f"{place}: names {found[1]}, which is not there"


def dead_targets(service: Service) -> Iterator[str]:
    """Finds Make targets that are named, but have no rule."""
    text = service.texts.get("Makefile", "")
    targets = set(re.findall(r"^([a-z.][\w./-]*):(?!=)", text, re.MULTILINE))
    for path, place, found in service.search(r"(?:`|\$ |run: |^|make lint && )make ([a-z-]+)"):
        if path != "Makefile" and found[1] not in targets:
            yield f"{place}: names the target {found[1]}, which the Makefile does not have"
    for rule in re.finditer(r"^([a-z. -]+):(?![=])([^=#\n]*)(?:##.*)?$", text, re.MULTILINE):
        for name in [*rule[1].split(), *rule[2].split()]:
            if name not in targets and name not in service.texts and name != ".PHONY":
                yield f"Makefile: names the target {name}, which it does not have"
    phony = set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE))
    described = set(re.findall(r"^([a-z-]+):.*##", text, re.MULTILINE))
    for name in sorted(phony ^ described):
        yield f"Makefile: the target {name} is not both phony and described"


def dead_commands(service: Service) -> Iterator[str]:
    """Finds commands that the environment of the service does not have."""
    known = {name for names in commands_of(service.environment).values() for name in names}
    known |= {"python", service.answers["project_slug"]}
    for _, place, found in service.search(r"(?:\$\(BIN\)|\.venv/bin)/([\w.-]+)"):
        if found[1] not in known:
            yield f"{place}: runs {found[1]}, a command that nothing installs"


def dead_modules(service: Service) -> Iterator[str]:
    """Finds modules that are named in texts instead of being imported."""
    package = service.answers["package_name"]
    named = service.search(rf'"((?:{package}|chassis|tests)[\w.]*)(?::\w+)?"')
    for path, place, found in named:
        # Helm's templates are named in the same way.
        if path.startswith("deploy/chart/"):
            continue
        module = found[1]
        parts = module.split(".")
        # The last parts may be a class, a function or an attribute.
        candidates = [parts[:end] for end in range(1, len(parts) + 1)]
        if len(parts) > 1 and not any(
            is_module(service, candidate) for candidate in candidates[1:]
        ):
            yield f"{place}: names the module {module}, which is not there"
    try:
        scripts = tomllib.loads(service.texts["pyproject.toml"])["project"]["scripts"]
    except (KeyError, tomllib.TOMLDecodeError):
        return
    for script in scripts.values():
        module, _, function = script.partition(":")
        path = f"src/{module.replace('.', '/')}.py"
        if not re.search(rf"^def {function}\(", service.texts.get(path, ""), re.MULTILINE):
            yield f"pyproject.toml: names {script}, which is not there"


def is_module(service: Service, parts: list[str]) -> bool:
    """Whether there is a module or a package of this name."""
    path = "/".join(parts)
    return any(
        f"{root}{path}{end}" in service.texts
        for root in ("", "src/")
        for end in (".py", "/__init__.py")
    )


def exists(service: Service, path: str, name: str) -> bool:
    """Whether a name is a file or directory beside a path, in the root, the package or anywhere.

    In a page that may be a file that the page tells how to make.
    """
    files = [*service.texts, *made(service.texts[path])]
    if "/" not in name.rstrip("/"):
        return name.rstrip("/") in {part for file in files for part in PurePosixPath(file).parts}
    places = [resolve(path, name), name, f"{service.package}/{name}", f"src/{name}"]
    return any(
        file == place or file.startswith(f"{place.rstrip('/')}/")
        for place in places
        for file in files
    )


@cache
def made(page: str) -> list[str]:
    """The paths of the files that a page tells how to make."""
    return [step.path for step in recipes.steps(page) if step.is_new]


def resolve(path: str, name: str) -> str:
    """The path that a name means in a file."""
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / name).parts:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return "/".join(parts)


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
