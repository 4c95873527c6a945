"""`make lock` says what became newer and what is held back, and writes all locks or none."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools import index, lock, versions
from tools.template import REPOSITORY, TEMPLATE

LOCK = """# a comment
<% if cookiecutter.metrics %>
flask==3.1.0 \\
    --hash=sha256:0
<% endif %>
Psycopg_Binary[c]==3.3.9 ; implementation_name != 'pypy' \\
    --hash=sha256:0
cloudcoil==0.7.1 ; python_version >= '3.12' \\
    --hash=sha256:0
cloudcoil==0.6.0 ; python_version < '3.12' \\
    --hash=sha256:0
"""
PINNED = "{name}=={version} \\\n    --hash=sha256:" + "0" * 64 + "\n"


def test_a_lock_is_read():
    assert versions.read(LOCK) == {
        "cloudcoil": ("0.6.0", "0.7.1"),
        "flask": ("3.1.0",),
        "psycopg-binary": ("3.3.9",),
    }


def test_all_pins_of_the_locks_are_read():
    for path in (REPOSITORY / "requirements.txt", TEMPLATE / lock.DEVELOPMENT):
        text = path.read_text(encoding="utf-8")
        pinned = set(re.findall(r"^(\w[^=\[]*)(?:\[.*?\])?==", text, re.MULTILINE))
        assert set(versions.read(text)) == pinned


def test_changes_are_told_in_a_line_each():
    old = {"flask": ("3.1.0",), "cloudcoil": ("0.6.0", "0.7.1"), "six": ("1.17",), "a": ("1",)}
    new = {"flask": ("3.1.1",), "cloudcoil": ("0.6.0", "0.8.0"), "idna": ("3.20",), "a": ("1",)}
    assert list(map(str, versions.changes(old, new))) == [
        "cloudcoil 0.6.0 and 0.7.1 -> 0.6.0 and 0.8.0",
        "flask 3.1.0 -> 3.1.1",
        "idna 3.20 added",
        "six 1.17 removed",
    ]


def test_what_is_held_back_is_told_with_the_bound():
    locked = {"connexion": ("2.15.1",), "isort": ("8.0.1",), "flask": ("3.1.0",), "b": ("0.66b1",)}
    out = {"connexion": ("3.3.0",), "isort": ("9.0.2",), "flask": ("3.1.0",), "b": ("0.66b2",)}
    declared = ["Connexion>=2.15.1,<3", "flask<4", "b>=0.66b1,<0.67"]
    assert list(versions.held_back(locked, out, map(Requirement, declared))) == [
        "connexion 2.15.1: 3.3.0 is out, held back by <3 in pyproject.toml",
        "isort 8.0.1: 9.0.2 is out, held back by other packages",
        "b 0.66b1: 0.66b2 is out, held back by other packages",
    ]


@pytest.fixture
def resolver(monkeypatch, tmp_path):
    """Replaces uv, and the locks by others; returns what uv answers and where the locks are."""
    answers = {"packages": {"flask": "3.1.1"}, "newest": {"flask": "4.0"}, "fails": {}}
    directory = tmp_path / TEMPLATE.name
    directory.mkdir()
    shutil.copy(TEMPLATE / "pyproject.toml", directory)
    monkeypatch.setattr(lock, "TOOLS", tmp_path / "requirements.txt")
    monkeypatch.setattr(lock, "TEMPLATE", directory)
    lock.resolve.cache_clear()
    for path in (lock.TOOLS, *(directory / name for name in lock.LOCKS)):
        path.write_text(PINNED.format(name="flask", version="3.1.0"), encoding="utf-8")
    asked = []

    def resolve(wanted, constraints, python, *options):
        asked.append(constraints)
        stage = "newest" if "--no-deps" in options else "tools" if len(asked) == 1 else "services"
        if error := answers["fails"].get(stage):
            raise error
        found = answers["newest" if stage == "newest" else "packages"]
        return "".join(PINNED.format(name=name, version=found[name]) for name in found)

    monkeypatch.setattr(index, "resolve", resolve)
    yield answers, directory, asked
    lock.resolve.cache_clear()


def written(directory: Path) -> set[str]:
    return {path.read_text(encoding="utf-8") for path in (lock.TOOLS, *directory.glob("req*"))}


def test_the_locks_are_written_and_the_news_printed(resolver, capsys):
    _, directory, _ = resolver
    lock.lock()
    assert written(directory) == {PINNED.format(name="flask", version="3.1.1")}
    assert capsys.readouterr().out.splitlines() == [
        "tools: flask 3.1.0 -> 3.1.1",
        "tools: flask 3.1.1: 4.0 is out, held back by other packages",
        "services: flask 3.1.0 -> 3.1.1",
        "services: flask 3.1.1: 4.0 is out, held back by <4 in pyproject.toml",
    ]


def test_nothing_new_is_told(resolver, capsys):
    answers, _, _ = resolver
    answers["packages"] = answers["newest"] = {"flask": "3.1.0"}
    lock.lock()
    assert capsys.readouterr().out.splitlines() == [
        "tools: no version has changed",
        "services: no version has changed",
    ]


def test_constraints_are_those_of_the_tools_or_of_the_services(resolver):
    _, _, asked = resolver
    lock.lock("a==1\n", "b==1\n")
    assert asked[:2] == ["a==1\n", "b==1\n"]


@pytest.mark.parametrize("stage", ["tools", "services", "newest"])
@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (index.UnsolvableError("because"), 1, "The packages do not go together: because"),
        (index.UnreachableError("why"), 3, "why"),
    ],
    ids=["unsolvable", "unreachable"],
)
def test_trouble_is_a_sentence_and_nothing_is_written(
    resolver, monkeypatch, capsys, stage, error, status, says
):
    answers, directory, _ = resolver
    before = written(directory)
    answers["fails"] = {stage: error}
    monkeypatch.setattr(sys, "argv", ["lock"])
    with pytest.raises(SystemExit) as ended:
        lock.main()
    printed = capsys.readouterr()
    # What ends with a text prints it, and has the status 1.
    assert (ended.value.code, printed.err) in [(status, f"{says}\n"), (says, "")]
    assert printed.out == ""
    assert written(directory) == before


@pytest.mark.parametrize(
    ("says", "kind"),
    [
        ("error: No solution found\n  cause: Because a", index.UnsolvableError),
        ("error: Request failed after 3 retries\n  cause: x", index.UnreachableError),
        ("error: Failed to fetch: `x`\n  cause: 403", index.UnreachableError),
    ],
)
def test_an_index_that_fails_is_told_from_versions_that_do_not_go_together(monkeypatch, says, kind):
    failed = subprocess.CompletedProcess([], 2, "", says)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(kind) as raised:
        index.uv("pip", "compile")
    sentence = " ".join(says.removeprefix("error: ").split())
    asked = "The package index could not be asked: " if kind is index.UnreachableError else ""
    assert str(raised.value) == f"{asked}{sentence}"


def test_the_real_uv_fails_as_it_is_understood(monkeypatch):
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(index.UnreachableError):
        index.uv(
            "pip",
            "compile",
            "--default-index",
            "http://127.0.0.1:9/",
            REPOSITORY / "pyproject.toml",
            "--group",
            "dev",
        )


def test_releases_are_sorted_as_versions(monkeypatch):
    printed = "x (3.10)\nAvailable versions: 3.10, 3.9, 3.10rc1\n"
    run = subprocess.CompletedProcess([], 0, printed, "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: run)
    index.releases.cache_clear()
    assert index.releases("x") == ["3.9", "3.10rc1", "3.10"]
    index.releases.cache_clear()


def test_a_package_without_releases_is_trouble(monkeypatch):
    run = subprocess.CompletedProcess([], 1, "", "ERROR: No matching distribution\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: run)
    with pytest.raises(index.UnreachableError, match="finds no releases of y: ERROR: No matching"):
        index.releases("y")


def test_the_real_pip_prints_releases_as_they_are_read():
    found = index.releases("connexion")
    assert found.index("2.15.0") < found.index("2.15.1") < found.index("3.0.0")
