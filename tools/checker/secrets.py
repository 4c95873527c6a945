"""Secrets: a service is born without any."""

from collections.abc import Iterator

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

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


_found: dict[tuple[str, str], list[tuple[int, str]]] = {}


def faults(service: Service) -> Iterator[str]:
    """Finds keys, tokens and passwords, by their form or because they look random.

    The locks are left out: they hold hashes, and nothing else. A file that many services have is
    looked at once.
    """
    for path, text in service.texts.items():
        if not path.startswith("requirements"):
            if (path, text) not in _found:
                _found[path, text] = find(service, path)
            for line, kind in _found[path, text]:
                yield f"{path}:{line}: looks like a secret ({kind})"


def find(service: Service, path: str) -> list[tuple[int, str]]:
    """The line and the kind of each secret in a file."""
    collection = SecretsCollection(root=str(service.root))
    with default_settings() as settings:
        settings.disable_plugins("IPPublicDetector")
        filters = "detect_secrets.filters.regex"
        settings.filters[f"{filters}.should_exclude_line"] = {"pattern": EXCLUDED_LINES}
        settings.filters[f"{filters}.should_exclude_secret"] = {"pattern": EXCLUDED_SECRETS}
        collection.scan_file(path)
    return [(secret.line_number, secret.type) for _, secret in collection]
