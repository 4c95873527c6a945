"""Media types: which of those in a contract a message has."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from werkzeug.http import parse_options_header

T = TypeVar("T")

JSON = "application/json"
BYTES = "application/octet-stream"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def bare(media_type: str) -> str:
    """Returns a media type without its parameters, in small letters."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON, or a format that is written in JSON."""
    name = bare(media_type)
    return name == JSON or (name.startswith("application/") and name.endswith("+json"))


def is_range(media_type: str) -> bool:
    """Whether it stands for several: `*/*`, `image/*`."""
    return "*" in bare(media_type)


class MediaTypes(Generic[T]):
    """What a contract says of media types: the most specific one that a message fits counts."""

    def __init__(self, content: Mapping[str, T]) -> None:
        """Sorts them.

        Args:
            content: by media types and ranges, with or without parameters.
        """
        self.content = content
        self._by_name: dict[str, list[tuple[dict[str, str], T]]] = {}
        for media_type, value in content.items():
            _, parameters = parse_options_header(media_type)
            parameters.pop("charset", None)
            self._by_name.setdefault(bare(media_type), []).append((parameters, value))

    def find(self, media_type: str) -> T | None:
        """Returns what is said of a media type; None if nothing is."""
        name = bare(media_type)
        for known in (name, f"{name.partition('/')[0]}/*", "*/*"):
            if found := self._by_name.get(known):
                return found[0][1] if len(found) == 1 else _best(found, media_type)
        return None


def _best(found: list[tuple[dict[str, str], T]], media_type: str) -> T:
    _, given = parse_options_header(media_type)
    return max(found, key=lambda one: (one[0].items() <= given.items(), len(one[0])))[1]
