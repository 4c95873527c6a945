"""Ruff, for texts that are not files yet."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

# The contract decides what operations and arguments are called, and what their summaries say.
_OF_THE_CONTRACT = ("A001", "A002", "N802", "N803", "RUF001", "RUF002")


def formatted(text: str, path: Path) -> str:
    """Returns a text as `ruff format` leaves it; as it is if it cannot be read."""
    return _ruff(["format"], text, path) or text


def sorted_imports(text: str, path: Path) -> str:
    """Returns a text with its imports in order."""
    return _ruff(["check", "--quiet", "--fix-only", "--select=I"], text, path) or text


def without_unused_imports(text: str, path: Path) -> str:
    """Returns a text without imports that nothing uses, and with the others in order."""
    return _ruff(["check", "--quiet", "--fix-only", "--select=F401,I"], text, path) or text


def improved(text: str, before: str, path: Path) -> str:
    """Returns a text with its imports in order and formatted, as far as no line changes that was there before."""
    steps: list[Callable[[str], str]] = [
        partial(sorted_imports, path=path),
        partial(formatted, path=path),
    ]
    for step in steps:
        if has_all_lines(better := step(text), before):
            text = better
    return text


def has_all_lines(text: str, before: str) -> bool:
    """Returns whether a text has all lines of an earlier one, in their order."""
    lines = iter(text.splitlines())
    return all(line in lines for line in before.splitlines())


def allowed(text: str, path: Path, lines: range) -> str:
    """Returns a text with comments that allow names of the contract in some lines, counted from 1."""
    arguments = ["check", "--quiet", "--exit-zero", "--output-format=json"]
    codes: dict[int, set[str]] = {}
    for fault in json.loads(_ruff(arguments, text, path) or "[]"):
        if fault["code"] in _OF_THE_CONTRACT and fault["noqa_row"] in lines:
            codes.setdefault(fault["noqa_row"], set()).add(fault["code"])
    result = text.splitlines(keepends=True)
    for number, of_line in codes.items():
        line = result[number - 1]
        result[number - 1] = f"{line.rstrip()}  # noqa: {', '.join(sorted(of_line))}\n"
    return "".join(result)


def _ruff(arguments: list[str], text: str, path: Path) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, f"--stdin-filename={path}", "-"]
    return subprocess.run(  # noqa: S603 it is the ruff of this environment
        command, input=text, capture_output=True, text=True, check=False
    ).stdout
