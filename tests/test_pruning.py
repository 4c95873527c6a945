"""Pruning: the manifest of features and the template's files agree, and nothing is left over."""

import ast
import re
from pathlib import Path

import pytest

from .combinations import ALL, FEATURES, describe
from .conftest import REPOSITORY, TEMPLATE, Bake

HOOK = REPOSITORY / "hooks" / "post_gen_project.py"

# What must not be found, in any case, where an answer is not given.
WORDS = {
    ("database", "postgresql"): ["postgres", "psycopg", "pgserver"],
    ("database", "sqlite"): [],
    ("database", "none"): ["in memory of", "InMemory"],
    ("metrics", True): ["metric", "prometheus"],
}
WITHOUT_DATABASE = ["sql", "alembic", "migrat", "database", "db_", "seed"]


def manifest() -> dict[str, list[str]]:
    """The hook's literal FEATURES."""
    for node in ast.parse(HOOK.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FEATURES":
            return ast.literal_eval(node.value)
    raise AssertionError("the hook has no FEATURES")


PATHS = [path for paths in manifest().values() for path in paths]


@pytest.mark.parametrize("path", PATHS)
def test_the_manifest_names_what_exists(path):
    assert (TEMPLATE / path).exists()


def test_the_manifest_names_each_path_once():
    assert len(PATHS) == len(set(PATHS))
    assert not [(path, other) for path in PATHS for other in PATHS if path.startswith(f"{other}/")]


@pytest.mark.parametrize("answers", ALL, ids=describe)
def test_a_file_is_there_if_and_only_if_its_feature_is(bake: Bake, answers):
    service = bake(**answers)
    package = "color_palette", "colors"
    selected = selection(answers)
    owners = {path: feature for feature, paths in manifest().items() for path in paths}
    expected = set()
    for file in TEMPLATE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            path = file.relative_to(TEMPLATE).as_posix()
            owner = next(
                (o for p, o in owners.items() if path == p or path.startswith(f"{p}/")), None
            )
            if owner is None or selected[owner]:
                path = path.replace("<<cookiecutter.package_name>>", package[0])
                expected.add(path.replace("<<cookiecutter.resource_plural>>", package[1]))
    assert files(service) == expected


def selection(answers: dict[str, object]) -> dict[str, bool]:
    """Which features some answers select; the hook has the same table."""
    database, metrics = answers["database"], answers["metrics"]
    return {
        "database": database != "none",
        "postgresql": database == "postgresql",
        "sqlite": database == "sqlite",
        "memory": database == "none",
        "metrics": bool(metrics),
        "pool_metrics": bool(metrics) and database != "none",
    }


def files(service: Path) -> set[str]:
    """The files of a service, without what its installation and its tools leave."""
    ignored = {".venv", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
    return {
        path.relative_to(service).as_posix()
        for path in service.rglob("*")
        if path.is_file()
        and not ignored & set(path.relative_to(service).parts)
        and not path.relative_to(service).as_posix().startswith("src/color_palette.egg")
        and path.name not in (".coverage",)
    }


@pytest.mark.parametrize("answers", ALL, ids=describe)
def test_no_word_of_what_was_not_selected_is_left(bake: Bake, answers):
    service = bake(**answers)
    words = [
        word for (name, value), found in WORDS.items() if answers[name] != value for word in found
    ]
    if answers["database"] == "none":
        words += WITHOUT_DATABASE
    pattern = re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE)
    left = [
        f"{path}:{number}: {line.strip()}"
        for path in sorted(files(service))
        for number, line in enumerate((service / path).read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(f"{path}: {line}") and "--hash" not in line
    ]
    assert left == []


@pytest.mark.parametrize("answers", ALL, ids=describe)
def test_no_trace_of_the_template_is_left(bake: Bake, answers):
    service = bake(**answers)
    pattern = re.compile(r"cookiecutter|<<|<%|%>|<#|#>")
    left = [
        f"{path}:{number}: {line}"
        for path in sorted(files(service))
        for number, line in enumerate((service / path).read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert left == []


@pytest.mark.parametrize("answers", ALL, ids=describe)
def test_no_directory_is_empty(bake: Bake, answers):
    service = bake(**answers)
    assert not [path for path in service.rglob("*") if path.is_dir() and not any(path.iterdir())]


def test_every_feature_question_is_known_here():
    assert set(FEATURES) == {name for name, _ in WORDS}
