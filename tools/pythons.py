"""What a Python would break in the services, as far as it can be told without that Python.

    python -m tools.pythons [VERSION]    look at the locked packages, and at the code of services (needs a package index)

Without a version it is the newest that the services are tested on. A fault ends the command with status 1; what a package only leaves
unsaid is a remark.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.specifiers import SpecifierSet
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

from . import environment, lock
from .template import QUESTIONS, render

NEWEST = QUESTIONS["_pythons"][-1]
PLATFORM = "x86_64-manylinux_2_28"
# Syntax errors are always found.
RULES = "B012,F,TID251,UP005,UP023,W605"
# What Python 3.14 and the versions before it have removed: https://docs.python.org/3/whatsnew/3.14.html#removed
REMOVED = (
    "asyncio.AbstractChildWatcher",
    "asyncio.FastChildWatcher",
    "asyncio.MultiLoopChildWatcher",
    "asyncio.PidfdChildWatcher",
    "asyncio.SafeChildWatcher",
    "asyncio.ThreadedChildWatcher",
    "asyncio.get_child_watcher",
    "asyncio.set_child_watcher",
    "ast.Bytes",
    "ast.Ellipsis",
    "ast.NameConstant",
    "ast.Num",
    "ast.Str",
    "cgi",
    "imp",
    "importlib.abc.ResourceReader",
    "importlib.abc.Traversable",
    "importlib.abc.TraversableResources",
    "pipes",
    "pkgutil.find_loader",
    "pkgutil.get_loader",
    "pty.master_open",
    "pty.slave_open",
    "sqlite3.version",
    "sqlite3.version_info",
    "telnetlib",
    "typing.io",
    "unittest.findTestCases",
    "unittest.makeSuite",
    "urllib.parse.Quoter",
)


@dataclass(frozen=True)
class Package:
    """A package as it is installed, and what it says of Pythons."""

    name: str
    version: str
    requires: SpecifierSet
    """The Pythons that it does not exclude."""
    classified: tuple[str, ...]
    """The minor versions of Python 3 that its classifiers name."""
    is_for_one: bool
    """Whether its wheel is for one version of Python alone."""


def packages(directory: Path) -> list[Package]:
    """Reads the packages of an environment, which has what any service can lock."""
    found = distributions(path=[str(path) for path in directory.glob("lib/python*/site-packages")])
    return sorted(map(read, found), key=lambda package: package.name)


def read(distribution: Distribution) -> Package:
    """Reads what a package says of Pythons."""
    about = distribution.metadata
    classifiers = "\n".join(about.get_all("Classifier") or [])
    tags = re.findall(r"^Tag: (.+)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
    parsed = [tag for text in tags for tag in parse_tag(text)]
    any_python = [tag for tag in parsed if tag.interpreter == "py3" or tag.abi == "abi3"]
    return Package(
        canonicalize_name(about["Name"]),
        about["Version"],
        SpecifierSet(about["Requires-Python"] or ""),
        tuple(
            re.findall(r"^Programming Language :: Python :: (3\.\d+)$", classifiers, re.MULTILINE)
        ),
        not any_python,
    )


def faults(found: Iterable[Package], version: str) -> Iterator[str]:
    """Names the packages that exclude a Python."""
    for package in found:
        if not package.requires.contains(f"{version}.0"):
            yield f"{describe(package)}: excludes Python {version}: it requires {package.requires}"


def remarks(found: Iterable[Package], version: str) -> Iterator[str]:
    """Names the packages that count the Pythons they are for, up to an earlier one."""
    wanted = minor(version)
    for package in found:
        if package.classified and wanted > (last := max(map(minor, package.classified))):
            yield f"{describe(package)}: its classifiers end with Python 3.{last}"


def minor(version: str) -> int:
    """Returns the second number of a version."""
    return int(version.split(".")[1])


def without_wheel(found: Iterable[Package], version: str) -> list[str]:
    """Asks the package index which packages have no wheel for a Python; their other wheels are for one version each.

    Args:
        found: the packages.
        version: the Python, which need not be installed.
    """
    asked = [package for package in found if package.is_for_one]

    def lacks(some: list[Package]) -> bool:
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-deps", "-"]
        command += ["--only-binary", ":all:", "--python-version", version]
        command += ["--python-platform", PLATFORM]
        pins = "\n".join(f"{package.name}=={package.version}" for package in some)
        return bool(subprocess.run(command, input=pins, text=True, capture_output=True).returncode)

    if not asked or not lacks(asked):
        return []
    with ThreadPoolExecutor(4) as pool:
        missing = pool.map(lacks, [[package] for package in asked])
    return [
        f"{describe(package)}: has no wheel for Python {version} on {PLATFORM}"
        for package, is_missing in zip(asked, missing, strict=True)
        if is_missing
    ]


def describe(package: Package) -> str:
    """Names a package, with the answers that lead to it and whether it is in production."""
    where = (
        "production"
        if any(package.name in names for names in locked(lock.RUNTIME))
        else "development"
    )
    having = [
        answers
        for answers, names in zip(lock.combinations(), locked(lock.DEVELOPMENT), strict=True)
        if package.name in names
    ]
    conditions = []
    for question, values in lock.features().items():
        chosen = [
            value for value in values if any(answers[question] == value for answers in having)
        ]
        if len(chosen) < len(values):
            conditions.append(f"{question}={' or '.join(map(str, chosen))}")
    return f"{package.name} {package.version} ({', '.join([where, *conditions])})"


@cache
def locked(name: str) -> list[frozenset[str]]:
    """Returns the names in a lock, for each combination of answers."""
    return [frozenset(lock.pins(lock.render(name, answers))) for answers in lock.combinations()]


def code_faults(root: Path, version: str) -> list[str]:
    """Names what a Python cannot parse, warns of, or does not have any more in the code of a service."""
    settings = ", ".join(f'"{name}".msg = "removed"' for name in REMOVED)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--no-cache"]
    command += ["--target-version", f"py{version.replace('.', '')}", "--select", RULES]
    command += ["--config", f"lint.flake8-tidy-imports.banned-api = {{ {settings} }}"]
    command += ["--output-format", "json", str(root)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    return [
        f"{os.path.relpath(fault['filename'], root)}:{fault['location']['row']}: {fault['message']}"
        for fault in json.loads(run.stdout)
    ]


def main() -> None:
    """Prints what a Python would break."""
    version = sys.argv[1] if sys.argv[1:] else NEWEST
    with tempfile.TemporaryDirectory() as directory:
        found = packages(environment.provide(Path(directory, "packages")))
        services = [
            render(Path(directory, database), database=database, tracing=tracing)
            for database, tracing in zip(QUESTIONS["database"], QUESTIONS["tracing"], strict=True)
        ]
        wrong = [fault for service in services for fault in code_faults(service, version)]
    wrong += [*faults(found, version), *without_wheel(found, version)]
    for remark in remarks(found, version):
        print(remark)
    for fault in wrong:
        print(fault)
    print(f"Python {version}: {len(found)} packages, {len(wrong)} faults.")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
