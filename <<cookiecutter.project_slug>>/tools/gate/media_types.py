"""Media types of bodies."""

from collections.abc import Mapping
from typing import Any

from chassis.contract.media_types import FORM, MULTIPART, MediaTypes, bare, is_json


def found(media_type: str, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Returns what is said of a media type, or of a range that has it; None if nothing is."""
    return MediaTypes(content).find(media_type)


def place_of(body: str, media_type: str) -> str:
    """Returns the place of a body, which tells the media type if it is not JSON."""
    return body if is_json(media_type) else f"{body} ({media_type})"


def is_form(media_type: str) -> bool:
    """Returns whether values are sent as text."""
    return bare(media_type) in (FORM, MULTIPART)
