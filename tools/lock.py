"""Lock the packages of the template's tools, and of a service for every combination of answers.

    python -m tools.lock            resolve anew, write the locks, and print what has changed
    python -m tools.lock --check    compare the locks of services with pyproject.toml (offline)

All that any answer can require is resolved once, so that every service has the same versions.
A pin then stands under those conditions of the template's `pyproject.toml` whose requirements
lead to it.
"""

import argparse
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, groupby, product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from . import index, versions
from .combinations import CHOICES
from .template import QUESTIONS, REPOSITORY, TEMPLATE, Answers, answer, jinja

# The lock of the template's tools.
TOOLS = REPOSITORY / "requirements.txt"
DEVELOPMENT, RUNTIME, BUILD = LOCKS = (
    "requirements-dev.txt",
    "requirements.txt",
    "requirements-build.txt",
)


@cache
def features() -> dict[str, list[Any]]:
    """Find the questions that decide what a service requires, with their possible answers."""
    derived = [QUESTIONS[name] for name in QUESTIONS if re.match("__(?!prompts__)", name)]
    deciding = f"{(TEMPLATE / 'pyproject.toml').read_text(encoding='utf-8')}{derived}"
    return {
        name: values
        for name, values in CHOICES.items()
        if name != "license" and re.search(rf"\b{name}\b", deciding)
    }


@cache
def combinations() -> list[Answers]:
    """Give the answers of every service that can be generated, as far as they matter here."""
    values = product(*features().values())
    return [answer(**dict(zip(features(), chosen, strict=True))) for chosen in values]


@cache
def template(name: str) -> Any:
    """Load a file of the service, ready to be rendered many times."""
    return jinja().from_string((TEMPLATE / name).read_text(encoding="utf-8"))


def render(name: str, answers: Answers) -> str:
    """Render a file of the service."""
    return str(template(name).render(cookiecutter=answers))


def requirements(pyproject: str, lock: str) -> list[str]:
    """Read from a rendered `pyproject.toml` what a lock has to satisfy."""
    data = tomllib.loads(pyproject)
    runtime: list[str] = data["project"]["dependencies"]
    groups = data["dependency-groups"]
    wanted = {
        DEVELOPMENT: runtime + group(groups, "dev"),
        RUNTIME: runtime,
        BUILD: group(groups, "build"),
    }
    return wanted[lock]


def group(groups: dict[str, list[Any]], name: str) -> list[str]:
    """Give the requirements of a dependency group with those of the groups that it includes."""
    found: list[str] = []
    for entry in groups[name]:
        found += [entry] if isinstance(entry, str) else group(groups, entry["include-group"])
    return found


def pins(lock: str) -> dict[str, str]:
    """Split a rendered lock into packages; each has its lines, hashes included."""
    found: dict[str, str] = {}
    for pin in re.findall(r"^\w.*\n(?: .*\n)*", lock, re.MULTILINE):
        name = re.split(r"\[|==", pin, maxsplit=1)[0]
        found[name] = found.get(name, "") + pin
    return found


def branches(source: str) -> dict[str, str]:
    """Give each condition of a template with the text that it and those around it let through."""
    start, end = re.escape(jinja().block_start_string), re.escape(jinja().block_end_string)
    tag = re.compile(rf"\s*{start} (if|elif|else|endif)\b ?(.*?) {end}\s*")
    nest: list[list[str]] = []
    lines: list[tuple[tuple[str, ...], str]] = []
    for line in source.splitlines(keepends=True):
        found = tag.fullmatch(line)
        if not found:
            lines.append((tuple(test for tests in nest for test in tests if test), line))
        elif found[1] == "if":
            nest.append([found[2]])
        elif found[1] == "endif":
            nest.pop()
        else:
            *failed, last = nest[-1]
            nest[-1] = [*failed, f"not ({last})", found[2]]
    texts: dict[str, str] = {}
    for path in dict.fromkeys(path for path, _ in lines):
        condition = path[0] if len(path) == 1 else " and ".join(f"({test})" for test in path)
        texts[condition] = "".join(line for outer, line in lines if path[: len(outer)] == outer)
    return texts


@cache
def holds(condition: str) -> frozenset[int]:
    """Find the combinations for which a condition is true."""
    test = jinja().compile_expression(condition or "true")
    return frozenset(
        number for number, answers in enumerate(combinations()) if test(cookiecutter=answers)
    )


def any_of(conditions: list[str]) -> str:
    """Join conditions by "or", without those that the others imply; empty if they always hold."""
    held = frozenset[int]().union(*map(holds, conditions))
    if len(held) == len(combinations()):
        return ""
    for condition in conditions:
        others = [other for other in conditions if other != condition]
        if held == frozenset[int]().union(*map(holds, others)):
            conditions = others
    return " or ".join(conditions)


@cache
def resolve(wanted: tuple[str, ...], constraints: str, python: str) -> str:
    """Let uv lock requirements for all platforms and every Python from the given one on."""
    # Older pips look for `name[extra]` apart from `name`, and would take a newer one without a hash.
    options = ["--generate-hashes", "--no-annotate", "--no-strip-extras"]
    return index.resolve(
        wanted, constraints, python, *options, "--custom-compile-command", "make lock"
    )


def choices(
    everything: dict[str, str], parts: dict[str, dict[str, str]]
) -> Iterator[dict[str, str]]:
    """Give each package's text by condition, the first that holds being right."""
    for name, widest in everything.items():
        needed: dict[str, list[str]] = {}
        for condition, part in parts.items():
            if name in part:
                needed.setdefault(part[name], []).append(condition)
        # A feature can widen the platforms that a package is for. If several do so differently,
        # the widest is right for all of them.
        if len(needed) > 2 or widest not in needed:
            needed = {widest: list(chain.from_iterable(needed.values()))}
        choice: dict[str, str] = {}
        for text in sorted(needed, key=lambda text: text != widest):
            if "" not in choice:
                choice.setdefault(any_of(needed[text]), text)
        yield choice


def conditional(header: str, chosen: Iterable[dict[str, str]]) -> str:
    """Put a lock together as a Jinja template; neighbours with the same conditions share them."""
    start, end = jinja().block_start_string, jinja().block_end_string
    written = [header]
    for conditions, group in groupby(chosen, key=tuple):
        texts = [
            "".join(texts) for texts in zip(*(choice.values() for choice in group), strict=True)
        ]
        words = ["if", *("elif" if condition else "else" for condition in conditions[1:])]
        if conditions == ("",):
            written += texts
            continue
        for word, condition, text in zip(words, conditions, texts, strict=True):
            written.append(f"{start} {f'{word} {condition}'.strip()} {end}\n{text}")
        written.append(f"{start} endif {end}\n")
    return "".join(written)


def of_tools() -> str:
    """Read the `pyproject.toml` of the template's own tools."""
    return (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")


@cache
def of_services() -> dict[str, str]:
    """Give the `pyproject.toml` that each condition of the template's leaves of it."""
    source = (TEMPLATE / "pyproject.toml").read_text(encoding="utf-8")
    answers = answer()
    return {
        condition: jinja().from_string(text).render(cookiecutter=answers)
        for condition, text in branches(source).items()
    }


def tools_require() -> list[str]:
    """Read what the template's tools require."""
    return group(tomllib.loads(of_tools())["dependency-groups"], "dev")


def services_require(lock: str) -> list[str]:
    """Read what a lock has to satisfy for all services together."""
    required = (requirements(text, lock) for text in of_services().values())
    return sorted(set(chain.from_iterable(required)))


def oldest_python(pyproject: str) -> str:
    """Read from a `pyproject.toml` the oldest Python that it supports."""
    supported: str = tomllib.loads(pyproject)["project"]["requires-python"]
    return supported.partition(">=")[2].partition(",")[0]


def lock_tools(constraints: str) -> dict[Path, str]:
    """Resolve the template's own tools anew and give their lock."""
    return {TOOLS: resolve(tuple(tools_require()), constraints, oldest_python(of_tools()))}


def lock_services(constraints: str) -> dict[Path, str]:
    """Resolve what services depend on anew and give the text of each lock."""
    texts = of_services()
    python = oldest_python(texts[""])
    locks: dict[Path, str] = {}
    for name in LOCKS:
        everything = resolve(tuple(services_require(name)), constraints, python)
        # The other locks have the same versions.
        constraints = constraints if locks else everything
        parts = {
            condition: pins(resolve(tuple(requirements(text, name)), constraints, python))
            for condition, text in texts.items()
        }
        header = "".join(re.findall(r"^#.*\n", everything, re.MULTILINE))
        locks[TEMPLATE / name] = conditional(header, choices(pins(everything), parts))
    return locks


def news(text: str, path: Path, required: list[str], python: str) -> list[str]:
    """Say what a lock that is not written yet changes, and what it holds back."""
    old, new = versions.read(path.read_text(encoding="utf-8")), versions.read(text)
    changed = [str(change) for change in versions.changes(old, new)]
    newest = versions.newest(new, python)
    held_back = versions.held_back(new, newest, map(Requirement, required))
    return [*(changed or ["no version has changed"]), *held_back]


def lock(tools_constraints: str = "", services_constraints: str = "") -> None:
    """Resolve anew, write all locks or none, and print what has changed.

    Args:
        tools_constraints: bounds of the packages of the template's tools.
        services_constraints: bounds of the packages of services.

    Raises:
        UnsolvableError: there are no versions that satisfy all requirements.
        UnreachableError: the index could not be asked.
    """
    locks = lock_tools(tools_constraints) | lock_services(services_constraints)
    development, python = TEMPLATE / DEVELOPMENT, oldest_python(of_tools())
    tools = news(locks[TOOLS], TOOLS, tools_require(), python)
    services = news(locks[development], development, services_require(DEVELOPMENT), python)
    for path, text in locks.items():
        path.write_text(text, encoding="utf-8")
    for line in tools:
        print(f"tools: {line}")
    for line in services:
        print(f"services: {line}")


def faults() -> Iterator[str]:
    """Find what a service declares and its lock does not satisfy."""
    for answers in combinations():
        pyproject = render("pyproject.toml", answers)
        case = ", ".join(f"{question}={answers[question]}" for question in features())
        for name in LOCKS:
            locked = pins(render(name, answers))
            for wanted in map(Requirement, requirements(pyproject, name)):
                pin = locked.get(canonicalize_name(wanted.name), "")
                versions = re.findall(r"^\S+==(\S+)", pin, re.MULTILINE)
                right = list(wanted.specifier.filter(versions, prereleases=True))
                if not versions or versions != right:
                    has = ", ".join(f"has {wanted.name} {version}" for version in versions)
                    lacks = f"lacks {wanted.name}"
                    yield f"{name} {has or lacks}, but pyproject.toml requires {wanted} with {case}"


def main() -> None:
    """Write the locks or only check them; either way say what is wrong with them."""
    parser = argparse.ArgumentParser(prog="python -m tools.lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    bounds = {"type": Path, "metavar": "FILE", "help": "bounds of packages, a line each"}
    parser.add_argument("--tools-constraints", **bounds)
    parser.add_argument("--services-constraints", **bounds)
    arguments = parser.parse_args()
    files = (arguments.tools_constraints, arguments.services_constraints)
    try:
        if not arguments.check:
            lock(*(file.read_text(encoding="utf-8") if file else "" for file in files))
    except index.UnsolvableError as error:
        sys.exit(f"The packages do not go together: {error}")
    except index.UnreachableError as error:
        print(error, file=sys.stderr)
        sys.exit(index.UNREACHABLE)
    for fault in faults():
        sys.exit(f'{fault}: run "make lock".')


if __name__ == "__main__":
    main()
