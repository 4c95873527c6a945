"""Secrets: a service is born without any."""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

from ..conditions import covering
from .family import Family
from .file import Fault
from .memory import unless_clean

EXCLUDED_LINES = [
    # Ids of traces look random, too.
    r"(?i)\btrace(parent)?\b",
    # An example of a database's URL.
    r"://user:password@host",
    # One that is made at random, on the machine of who needs it.
    r"app:%s@database",
    r"secrets\.token_hex",
]
# The name of a variable.
EXCLUDED_SECRETS = [r"^APP_[A-Z_]+$"]


def faults(family: Family) -> Iterator[Fault]:
    """Finds keys, tokens and passwords, by their form or because they look random.

    The locks are left out: they hold hashes, and nothing else. Of the texts that a file can have so many are read
    that each line is.
    """
    for path, file in family.files.items():
        if not path.startswith("requirements"):
            for combination in covering(file.lines.values()):
                text = file.text(combination)
                key = ("secrets", path, text)
                for line, kind in unless_clean(family.memory, key, partial(find, path, text)):
                    condition = file.lines[text.splitlines()[line - 1]]
                    yield Fault(f"{path}:{line}: looks like a secret ({kind})", condition)


def find(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Finds the lines of a text that have some, and of which kind."""
    with tempfile.TemporaryDirectory() as root, default_settings() as settings:
        Path(root, path).parent.mkdir(parents=True, exist_ok=True)
        Path(root, path).write_text(text, encoding="utf-8")
        settings.disable_plugins("IPPublicDetector")
        filters = "detect_secrets.filters.regex"
        settings.filters[f"{filters}.should_exclude_line"] = {"pattern": EXCLUDED_LINES}
        settings.filters[f"{filters}.should_exclude_secret"] = {"pattern": EXCLUDED_SECRETS}
        collection = SecretsCollection(root=root)
        collection.scan_file(path)
        for _, secret in collection:
            yield secret.line_number, secret.type
