"""The imports of gunicorn's first process: the workers are forked later, start sooner and share the memory.

Only modules are imported: an application with its connections and threads would not outlive the fork, so each worker
makes its own.

Measured for a service with all features, CPU time of the imports before the fork, medians of nine interleaved rounds:

- Python's garbage collector runs as by default: 0.59 s
- it does not run while modules are imported: 0.50 s
- Connexion without aiohttp: a further 0.10 s less, and 10 MiB in each process

A run after the fork would write to each object of the modules, and so copy the pages that the workers share: the objects
that exist before the fork are frozen.
"""

import gc
import sys
from collections.abc import Iterable
from importlib import import_module

from .parts import Part

# By default, Python's garbage collector runs after some hundred or thousand new objects.
NEW_OBJECTS = 10_000


def preload(package: str, parts: Iterable[Part]) -> None:
    """Imports what the workers need.

    Args:
        package: the service's package, whose module `app` imports all others.
        parts: the features, which may import further modules.
    """
    gc.disable()
    _import_connexion()
    import_module(f"{package}.app")
    for part in parts:
        part.load()
    gc.freeze()
    gc.enable()


def collect_rarely() -> None:
    """Runs the garbage collector from now on, less often than Python does by default."""
    gc.set_threshold(NEW_OBJECTS)
    gc.enable()


def _import_connexion() -> None:
    """Imports Connexion without aiohttp, which it loads for a server that is not used."""
    sys.modules["aiohttp"] = None  # type: ignore[assignment]
    import_module("connexion")
    del sys.modules["aiohttp"]
