"""Leftovers: the template's own language and name have no place in a service."""

import re
from collections.abc import Iterator

from .service import Service

TRACES = r"cookiecutter|cruft|<<|<%|%>|<#|#>|^(<{7}|={7}|>{7})( |$)"


def faults(service: Service) -> Iterator[str]:
    """Finds delimiters, conflict markers and the name of the tool."""
    for _, place, found in service.search(TRACES, re.IGNORECASE):
        yield f"{place}: has {found[0]!r}, which is left of the template"
