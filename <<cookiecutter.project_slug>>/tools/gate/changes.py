"""Changes of a contract, as clients of the released one notice them."""

from typing import NamedTuple


class Change(NamedTuple):
    """A difference between the released contract and the one of today."""

    operation: str
    """The method and the path."""
    rule: str
    """Its id, which is that of oasdiff's check."""
    place: str
    """The part of the request or of the response; empty for the whole operation."""
    sentence: str
    is_breaking: bool

    def __str__(self) -> str:
        place = f", `{self.place}`" if self.place else ""
        return f"`{self.rule}`: `{self.operation}`{place}: {self.sentence}"
