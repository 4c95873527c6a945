"""Secrets: a service is born without any."""

from collections.abc import Iterator
from functools import partial

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

from .memory import unless_clean
from .service import Service

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


def faults(service: Service) -> Iterator[str]:
    """Finds keys, tokens and passwords, by their form or because they look random.

    The locks are left out: they hold hashes, and nothing else.
    """
    for path, text in service.texts.items():
        if not path.startswith("requirements"):
            key = ("secrets", path, text)
            yield from unless_clean(service.memory, key, partial(find, service, path))


def find(service: Service, path: str) -> Iterator[str]:
    """Finds those in a file."""
    collection = SecretsCollection(root=str(service.root))
    with default_settings() as settings:
        settings.disable_plugins("IPPublicDetector")
        filters = "detect_secrets.filters.regex"
        settings.filters[f"{filters}.should_exclude_line"] = {"pattern": EXCLUDED_LINES}
        settings.filters[f"{filters}.should_exclude_secret"] = {"pattern": EXCLUDED_SECRETS}
        collection.scan_file(path)
    for _, secret in collection:
        yield f"{path}:{secret.line_number}: looks like a secret ({secret.type})"
