"""Who may call: the ways in which a client can be known."""

from collections.abc import Iterator, Mapping
from typing import Any

from .operations import Operation
from .schemas import Finding

Way = dict[tuple[str, ...], set[str]]
"""The schemes that are needed together, without their names, and the scopes of each."""

_PLACE = "security"


def of_security(old: Operation, new: Operation) -> Iterator[Finding]:
    """Yields the differences of what clients have to present: one of the ways is enough."""
    before, after = _ways(old), _ways(new)
    lost = [way for way in before if not any(_is_enough(way, needed) for needed in after)]
    for way in lost:
        if not way:
            rule, sentence = "api-security-added", f"it needs {_shown(after)}"
        elif any(way.keys() == needed.keys() for needed in after):
            rule, sentence = "api-security-scope-added", f"it needs {_shown(after)}"
        else:
            rule, sentence = "api-security-removed", f"{_shown([way])} is no longer enough"
        yield Finding(rule, _PLACE, sentence, is_breaking=True)
    for way in after:
        if way not in before and {} not in before and not lost:
            rule = "api-security-added" if way else "api-security-removed"
            yield Finding(rule, _PLACE, f"{_shown([way])} is enough", is_breaking=False)


def _is_enough(way: Way, needed: Way) -> bool:
    return all(scheme in way and scopes <= way[scheme] for scheme, scopes in needed.items())


def _ways(operation: Operation) -> list[Way]:
    content = operation.document.content
    schemes = content.get("components", {}).get("securitySchemes", {})
    needed = operation.definition.get("security", content.get("security")) or [{}]
    return [
        {
            _identity(operation.document.resolved(schemes.get(name, {}))): set(scopes)
            for name, scopes in way.items()
        }
        for way in needed
    ]


def _identity(scheme: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns what clients have to know of a scheme: its name in the document is not a part of that."""
    return tuple(str(scheme.get(key, "")).lower() for key in ("type", "scheme", "in", "name"))


def _shown(ways: list[Way]) -> str:
    texts = []
    for way in ways:
        schemes = (
            " ".join(filter(None, [*scheme, *sorted(scopes)])) for scheme, scopes in way.items()
        )
        texts.append(" and ".join(schemes) or "nothing")
    return " or ".join(texts)
