"""What clients get: statuses, headers and bodies."""

from collections.abc import Iterator, Mapping
from typing import Any

from .media_types import found, place_of
from .operations import Operation
from .schemas import RESPONSE, Comparison, Finding

Response = Mapping[str, Any]


def of_responses(old: Operation, new: Operation) -> Iterator[Finding]:
    """Yields the differences of responses."""
    before, after = old.responses, new.responses
    for status, response in before.items():
        if declared := after.get(status) or after.get(f"{status[0]}XX"):
            yield from _of_headers(old, new, response, declared, status)
            yield from _of_content(old, new, response, declared, status)
        else:
            yield _of_status(status, "removed", "gone")
    for status in after:
        if status not in before and f"{status[0]}XX" not in before:
            yield _of_status(status, "added", "new")


def _of_status(status: str, verb: str, what: str) -> Finding:
    is_success = status.startswith("2")
    rule = f"response-{'success' if is_success else 'non-success'}-status-{verb}"
    return Finding(rule, status, f"the status is {what}", is_success and verb == "removed")


def _of_headers(
    old: Operation, new: Operation, before: Response, after: Response, status: str
) -> Iterator[Finding]:
    olds, news = (
        {
            name.lower(): (name, operation.document.resolved(header))
            for name, header in response.get("headers", {}).items()
        }
        for operation, response in ((old, before), (new, after))
    )
    for key, (name, header) in olds.items():
        place = f"{status} header {name}"
        kind = "required" if header.get("required") else "optional"
        if key not in news:
            rule = f"{kind}-response-header-removed"
            yield Finding(rule, place, f"the {kind} header is gone", is_breaking=True)
            continue
        _, declared = news[key]
        if header.get("required") and not declared.get("required"):
            rule = "response-header-became-optional"
            yield Finding(rule, place, "it can be left out", is_breaking=True)
        nodes = (
            old.document.node(header.get("schema", {})),
            new.document.node(declared.get("schema", {})),
        )
        comparison = Comparison(RESPONSE, as_text=True)
        yield from comparison.findings(*nodes, place, "response-header")
    for key, (name, _) in news.items():
        if key not in olds:
            place = f"{status} header {name}"
            yield Finding("response-header-added", place, "the header is new", is_breaking=False)


def _of_content(
    old: Operation, new: Operation, before: Response, after: Response, status: str
) -> Iterator[Finding]:
    olds, news = before.get("content", {}), after.get("content", {})
    for media_type, described in olds.items():
        place = place_of(status, media_type)
        declared = found(media_type, news)
        if declared is None:
            rule, sentence = "response-media-type-removed", f"it is no longer {media_type}"
            yield Finding(rule, place, sentence, is_breaking=True)
            continue
        nodes = (
            old.document.node(described.get("schema", {})),
            new.document.node(declared.get("schema", {})),
        )
        yield from Comparison(RESPONSE).findings(*nodes, place, "response-body")
    for media_type in news:
        if found(media_type, olds) is None:
            place, sentence = place_of(status, media_type), f"it can be {media_type}"
            yield Finding("response-media-type-added", place, sentence, is_breaking=False)
