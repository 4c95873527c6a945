"""Two contracts compared: the released one, and the one of today."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .changes import Change
from .operations import Operation, operations
from .requests import of_body, of_parameters
from .responses import of_responses
from .schemas import Finding
from .security import of_security

_RULES = (of_security, of_parameters, of_body, of_responses)


def changes(
    released: Iterable[Mapping[str, Any]], contracts: Iterable[Mapping[str, Any]]
) -> Iterator[Change]:
    """Yields the changes that clients notice.

    Args:
        released: the documents of the last release.
        contracts: the documents of today.
    """
    before, after = operations(released), operations(contracts)
    paths = {path for _, path in after}
    for key, old in before.items():
        if key in after:
            found = [finding for rule in _RULES for finding in rule(old, after[key])]
            found += _of_deprecation(old, after[key])
        else:
            found = [_removed(old, is_path=key[1] not in paths)]
        for finding in found:
            yield Change(old.name, *finding)
    for key, new in after.items():
        if key not in before:
            sentence = "the operation is new"
            yield Change(new.name, "endpoint-added", "", sentence, is_breaking=False)


def _removed(old: Operation, *, is_path: bool) -> Finding:
    what = "api-path" if is_path else "api"
    how = "with" if old.is_deprecated else "without"
    rule = f"{what}-removed-{how}-deprecation"
    sentence = "the path is gone" if is_path else "the operation is gone"
    return Finding(rule, "", sentence, is_breaking=not old.is_deprecated)


def _of_deprecation(old: Operation, new: Operation) -> Iterator[Finding]:
    if new.is_deprecated and not old.is_deprecated:
        yield Finding("endpoint-deprecated", "", "the operation is deprecated", is_breaking=False)
