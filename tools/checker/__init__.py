"""Finds what is wrong with the files of services, whatever was answered.

Each module here looks for one kind of fault and has a function `faults`, which gives a sentence for
each fault, beginning with its place. There are three sorts:

- `OF_FAMILIES` look at lines, names and definitions with their conditions: at all services at once.
- `OF_PROGRAMS` let a tool look at files that it has to see together, in `parts`: once for each
  set of texts that these files have in any service.
- `OF_SERVICES` look at a directory that was generated.

`proof` looks at all services in the first two ways, without generating one. `faults` looks at
a generated service in all three.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..template import Answers
from . import (
    chart,
    code,
    containers,
    dependencies,
    deptry_report,
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

OF_FAMILIES = {
    "leftovers": leftovers,
    "words": words,
    "formats": formats,
    "references": references,
    "settings": settings,
    "code": code,
    "secrets": secrets,
    "dependencies": dependencies,
}
OF_PROGRAMS = {
    "style": style,
    "containers": containers,
    "chart": chart,
    "pipelines": pipelines,
    "types": types,
}
OF_SERVICES = {"files": files, "deptry": deptry_report}
KINDS = (*OF_SERVICES, *OF_FAMILIES, *OF_PROGRAMS)


def faults(
    root: Path, answers: Answers, environment: Path, kinds: Iterable[str] = KINDS
) -> Iterator[str]:
    """Finds the faults of a generated service as it was rendered, with nothing added.

    Args:
        root: its directory.
        answers: those that were given.
        environment: a virtual environment with the packages of every option.
        kinds: the kinds of faults; all if they are not given.
    """
    service = Service(root, answers, environment)
    for kind in kinds:
        yield from faults_of_kind(kind, service)


def faults_of_kind(kind: str, service: Service) -> Iterator[str]:
    """Finds the faults of one kind."""
    if kind in OF_FAMILIES:
        yield from (fault.text for fault in OF_FAMILIES[kind].faults(service.family))
    elif kind in OF_PROGRAMS:
        yield from OF_PROGRAMS[kind].faults(service)
    else:
        yield from OF_SERVICES[kind].faults(service)
