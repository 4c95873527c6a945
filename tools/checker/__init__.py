"""Finds what is wrong with the files of a generated service, whatever was answered.

Each module here looks for one kind of fault and has a function `faults(service)`, which gives a
sentence for each fault, beginning with its place.
"""

from collections.abc import Iterator
from pathlib import Path

from ..template import Answers
from . import (
    chart,
    code,
    containers,
    dependencies,
    files,
    formats,
    leftovers,
    pipelines,
    references,
    secrets,
    settings,
    style,
    types,
    words,
)
from .service import Service

KINDS = (
    files,
    leftovers,
    words,
    formats,
    references,
    settings,
    code,
    style,
    secrets,
    containers,
    chart,
    pipelines,
    dependencies,
    types,
)


def faults(root: Path, answers: Answers, environment: Path) -> Iterator[str]:
    """Finds the faults of a generated service as it was rendered, with nothing added.

    Args:
        root: its directory.
        answers: those that were given.
        environment: a virtual environment with the packages of every option.
    """
    service = Service(root, answers, environment)
    for kind in KINDS:
        yield from kind.faults(service)
