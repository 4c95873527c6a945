"""Where families come from: from the template, and from a generated service."""

from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

from ..combinations import CHOICES
from ..conditions import Condition, Space
from ..template import (
    QUESTIONS,
    TEMPLATE,
    Answers,
    answer,
    fill_in,
    manifest_paths,
    template_files,
)
from .family import Family
from .file import File
from .segments import segments


def of_template(
    space: Space, environment: Path, names: Answers | None = None, template: Path = TEMPLATE
) -> Family:
    """The family of all services that the template can make.

    Args:
        space: the combinations of answers.
        environment: a virtual environment with the packages of every option.
        names: the answers that are free texts; the defaults if they are not given.
        template: the directory of the template's files.
    """
    given = names or {}
    complete = answer(**given)
    family = Family([], space, given, environment)
    owners = {
        fill_in(path, complete): feature
        for feature, paths in manifest_paths().items()
        for path in paths
    }
    for name in template_files(template):
        path = fill_in(name, complete)
        condition = family.selected[owners[path]] if path in owners else space.always
        source = (template / name).read_text(encoding="utf-8")
        family.files[path] = file_of(path, source, space, condition, tuple(given.items()))
    return family


@cache
def file_of(
    path: str, source: str, space: Space, condition: Condition, given: tuple[tuple[str, Any], ...]
) -> File:
    """Takes a file of the template apart."""
    if any(fnmatch(path, pattern) for pattern in QUESTIONS["_copy_without_render"]):
        return File(path, condition, [{source: condition}])
    return File(path, condition, segments(source, space, condition, dict(given)))


def of_one(root: Path, given: Answers, environment: Path) -> Family:
    """A generated service as a family.

    Args:
        root: its directory.
        given: the answers that were given.
        environment: a virtual environment with the packages of every option.
    """
    answers = answer(**given)
    space = Space([{question: answers[question] for question in CHOICES}])
    files = [
        File(
            path.relative_to(root).as_posix(),
            space.always,
            [{path.read_text(encoding="utf-8"): space.always}],
        )
        for path in sorted(root.rglob("*"))
        if path.is_file()
    ]
    return Family(files, space, given, environment)
