"""Two schemas compared, in the direction in which the value goes.

What clients send has to be accepted as before, so a request must not become narrower; what they get has to be as
before, so a response must not become wider.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from . import limits
from .nodes import Choice, Node
from .types import names, takes_types


class Direction(NamedTuple):
    """Where a value goes."""

    is_request: bool
    absent: str
    """The keyword of properties that do not occur in it."""


REQUEST = Direction(is_request=True, absent="readOnly")
RESPONSE = Direction(is_request=False, absent="writeOnly")


class Finding(NamedTuple):
    """A difference of two schemas."""

    rule: str
    place: str
    sentence: str
    is_breaking: bool


class Comparison:
    """Compares schemas; each pair of them once, so that schemas may refer to themselves."""

    def __init__(
        self,
        direction: Direction,
        covered: dict[tuple[object, object], bool] | None = None,
        *,
        as_text: bool = False,
    ) -> None:
        """Compares nothing yet.

        Args:
            direction: where the values go.
            covered: what is known of pairs of options.
            as_text: whether values are sent as text, so that a number is a text, too.
        """
        self._direction = direction
        self._as_text = as_text
        self._seen: set[tuple[object, object]] = set()
        self._covered = {} if covered is None else covered

    def findings(self, old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
        """Yields the differences of two schemas.

        Args:
            old: the released one.
            new: the one of today.
            place: where the value is.
            subject: what the ids of rules call it, such as `request-body`.
        """
        if (old.key, new.key) in self._seen:
            return
        self._seen.add((old.key, new.key))
        before, after = old.choices(), new.choices()
        if bool(before) != bool(after):
            kind, olds, news = _expanded(old, new, before, after)
            yield from self._of_options(kind, olds, news, place, subject)
            return
        yield from self._of_types(old, new, place, subject)
        if not self._takes(old, new) and not self._takes(new, old):
            return
        if subject != "response-header":
            yield from self._of_values(old, new, place, subject)
        inner = self._inner(subject)
        yield from self._of_properties(old, new, place, inner)
        for keyword, is_compared in (("items", any), ("additionalProperties", all)):
            inside = old.inside(keyword), new.inside(keyword)
            if is_compared(one.parts for one in inside):
                yield from self.findings(*inside, f"{place}/*", inner)
        for one, other in zip(before, after, strict=False):
            yield from self._of_options(one.kind, one.options, other.options, place, subject)

    def _takes(self, node: Node, other: Node) -> bool:
        return takes_types(node, other, as_text=self._as_text)

    def _inner(self, subject: str) -> str:
        """Returns what the ids of rules call a value inside of another one."""
        return f"{subject.removesuffix('body')}property" if subject.endswith("-body") else subject

    def _of_types(self, old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
        keeps_all, adds_none = self._takes(new, old), self._takes(old, new)
        sentence = f"the type is {names(new)}, it was {names(old)}"
        if not keeps_all and not adds_none:
            yield Finding(f"{subject}-type-changed", place, sentence, is_breaking=True)
        elif not adds_none:
            yield self._change(f"{subject}-type-generalized", place, sentence, is_narrower=False)
        elif not keeps_all:
            rule = "type-changed" if self._direction.is_request else "type-specialized"
            yield self._change(f"{subject}-{rule}", place, sentence, is_narrower=True)
        if old.is_nullable and not new.is_nullable:
            yield self._change(
                f"{subject}-became-not-nullable",
                place,
                "it can no longer be null",
                is_narrower=True,
            )
        elif new.is_nullable and not old.is_nullable:
            yield self._change(
                f"{subject}-became-nullable", place, "it can be null", is_narrower=False
            )

    def _of_values(self, old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
        """Yields the differences of lists of values, limits and patterns."""
        yield from self._of_enumerations(old, new, place, subject)
        is_request = self._direction.is_request
        for found in limits.differences(old, new, of_request=is_request):
            # Nobody has to know of a response that is narrower.
            if is_request or not found.is_narrower:
                rule = f"{subject}-{found.suffix}"
                yield self._change(rule, place, found.sentence, is_narrower=found.is_narrower)
        before, after = (set(filter(None, one.values("pattern"))) for one in (old, new))
        if is_request and after - before:
            rule = f"{subject}-pattern-{'changed' if before else 'added'}"
            patterns = " and ".join(sorted(after - before))
            yield Finding(rule, place, f"it has to match {patterns}", is_breaking=True)

    def _of_enumerations(self, old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
        before, after = old.enumeration, new.enumeration
        if before is None and after is not None and self._direction.is_request:
            listed = ", ".join(map(str, after))
            yield self._change(
                f"{subject}-became-enum",
                place,
                f"it can only be {listed}",
                is_narrower=True,
            )
        elif before is not None and after is None:
            yield self._change(
                f"{subject}-enum-value-added", place, "it can be any value", is_narrower=False
            )
        for value in _without(before or [], after):
            yield self._change(
                f"{subject}-enum-value-removed",
                f"{place} = {value}",
                "the value is gone",
                is_narrower=True,
            )
        for value in _without(after or [], before):
            yield self._change(
                f"{subject}-enum-value-added",
                f"{place} = {value}",
                "the value is new",
                is_narrower=False,
            )

    def _of_properties(self, old: Node, new: Node, place: str, subject: str) -> Iterator[Finding]:
        before = old.properties(self._direction.absent)
        after = new.properties(self._direction.absent)
        for name in {**before, **after}:
            if (name in before) != (name in after):
                yield self._of_presence(name, old, new, place, after)
        for name in (name for name in before if name in after):
            inside = f"{place}/{name}"
            if name in old.required - new.required:
                rule, sentence = "became-optional", "it can be left out"
                yield self._change(f"{subject}-{rule}", inside, sentence, is_narrower=False)
            elif name in new.required - old.required:
                rule, sentence = "became-required", "it has to be there"
                if self._direction.is_request and after[name].values("default"):
                    rule = "became-required-with-default"
                yield self._change(f"{subject}-{rule}", inside, sentence, is_narrower=True)
            yield from self.findings(before[name], after[name], inside, subject)

    def _of_presence(
        self, name: str, old: Node, new: Node, place: str, after: dict[str, Node]
    ) -> Finding:
        """Returns what the coming or going of a property means."""
        is_new, is_request = name in after, self._direction.is_request
        is_required = name in (new if is_new else old).required
        kind = "required" if is_required else "optional"
        if is_request and is_new:
            has_default = is_required and after[name].values("default")
            rule = f"new-{kind}-request-property{'-with-default' if has_default else ''}"
        elif is_request:
            rule = "request-property-removed"
        else:
            rule = f"response-{kind}-property-{'added' if is_new else 'removed'}"
        is_breaking = not is_new or (is_request and is_required)
        sentence = f"the {kind} property is {'new' if is_new else 'gone'}"
        return Finding(rule, f"{place}/{name}", sentence, is_breaking)

    def _of_options(
        self, kind: str, olds: list[Node], news: list[Node], place: str, subject: str
    ) -> Iterator[Finding]:
        lost = [old for old in olds if not any(self._covers(old, new) for new in news)]
        added = [new for new in news if not any(self._covers(old, new) for old in olds)]
        if len(lost) == len(added):
            for old, new in zip(lost, added, strict=True):
                yield from self.findings(old, new, place, subject)
            return
        if lost:
            sentence = f"alternatives that are gone: {len(lost)} of {len(olds)}"
            rule = f"{subject}-{kind}-removed"
            yield self._change(rule, place, sentence, is_narrower=True)
        if added:
            sentence = f"alternatives that are new: {len(added)} of {len(news)}"
            rule = f"{subject}-{kind}-added"
            yield self._change(rule, place, sentence, is_narrower=False)

    def _covers(self, old: Node, new: Node) -> bool:
        """Returns whether one option can stand for another one."""
        pair = old.key, new.key
        if pair not in self._covered:
            # As long as it is looked at: an option may be a part of itself.
            self._covered[pair] = True
            comparison = Comparison(self._direction, self._covered, as_text=self._as_text)
            found = comparison.findings(old, new, "", "")
            self._covered[pair] = not any(one.is_breaking for one in found)
        return self._covered[pair]

    def _change(self, rule: str, place: str, sentence: str, *, is_narrower: bool) -> Finding:
        return Finding(rule, place, sentence, is_narrower == self._direction.is_request)


def _expanded(
    old: Node, new: Node, before: list[Choice], after: list[Choice]
) -> tuple[str, list[Node], list[Node]]:
    """Returns what is compared if only one of two schemas has a choice: the other one is its only option."""
    choice = next(chain(before, after))
    return (
        choice.kind,
        choice.whole if before else [old],
        choice.whole if after else [new],
    )


def _without(values: list[object], others: list[object] | None) -> list[object]:
    return [value for value in values if others is not None and value not in others]
