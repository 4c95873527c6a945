"""Leftovers: the template's own language and name have no place in a service."""

import re
from collections.abc import Iterator

from .family import Family
from .file import Fault

TRACES = r"cookiecutter|cruft|<<|<%|%>|<#|#>|^(<{7}|={7}|>{7})( |$)"


def faults(family: Family) -> Iterator[Fault]:
    """Finds delimiters, conflict markers and the name of the tool."""
    for line, found in family.search(TRACES, re.IGNORECASE):
        yield line.fault(f"has {found[0]!r}, which is left of the template")
