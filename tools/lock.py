"""Lock what a service depends on, for every combination of answers.

    python -m tools.lock            resolve anew and write the locks (needs uv and a package index)
    python -m tools.lock --check    compare the locks with pyproject.toml (offline)

All that any answer can require is resolved once, so that every service has the same versions.
A pin then stands under those conditions of the template's `pyproject.toml` whose requirements
lead to it.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, groupby, product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from .combinations import CHOICES
from .template import QUESTIONS, TEMPLATE, Answers, answer, jinja

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
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", python, "--generate-hashes", "--no-annotate"]
    # Older pips look for `name[extra]` apart from `name`, and would take a newer one without a hash.
    command += ["--no-strip-extras"]
    command += ["--custom-compile-command", "make lock"]
    command += ["--constraints", "constraints.txt", "requirements.in"]
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "constraints.txt").write_text(constraints, encoding="utf-8")
        Path(directory, "requirements.in").write_text("\n".join(wanted), encoding="utf-8")
        run = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit("uv could not lock what pyproject.toml requires.")
    return run.stdout


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


def lock() -> None:
    """Resolve anew and write the locks."""
    source = (TEMPLATE / "pyproject.toml").read_text(encoding="utf-8")
    texts = {
        condition: jinja().from_string(text).render(cookiecutter=answer())
        for condition, text in branches(source).items()
    }
    supported = tomllib.loads(texts[""])["project"]["requires-python"]
    python = supported.partition(">=")[2].partition(",")[0]
    versions = ""
    for name in LOCKS:
        wanted = {condition: tuple(requirements(text, name)) for condition, text in texts.items()}
        everything = resolve(tuple(sorted(set().union(*wanted.values()))), versions, python)
        versions = versions or everything
        parts = {
            condition: pins(resolve(some, versions, python)) for condition, some in wanted.items()
        }
        header = "".join(re.findall(r"^#.*\n", everything, re.MULTILINE))
        text = conditional(header, choices(pins(everything), parts))
        (TEMPLATE / name).write_text(text, encoding="utf-8")


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
    match sys.argv[1:]:
        case []:
            lock()
        case ["--check"]:
            pass
        case _:
            sys.exit("Usage: lock.py [--check]")
    for fault in faults():
        sys.exit(f'{fault}: run "make lock".')


if __name__ == "__main__":
    main()
