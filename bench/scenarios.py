"""What is asked of each service."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

PATH = "/v1/colors"
ROWS = 10
_numbers = count()


def color(**changes: object) -> bytes:
    """The JSON of a color; no two have the same name."""
    fields = {
        "name": f"Color {next(_numbers)}",
        "category": "written",
        "description": "Between red and orange.",
        "priority": 5,
    }
    return json.dumps(fields | changes).encode()


def wrong() -> bytes:
    """The JSON of a color that breaks the contract in two places."""
    return color(name="", priority="high")


@dataclass(frozen=True)
class Scenario:
    """A request, and the statuses that are right."""

    name: str
    target: str
    body: Callable[[], bytes] | None
    statuses: frozenset[int]


READ = Scenario(
    "read of ten rows", f"{PATH}?category=read&sort=name&limit={ROWS}", None, frozenset({200})
)
WRITE = Scenario("validated write", PATH, color, frozenset({201}))
REFUSAL = Scenario("refused write", PATH, wrong, frozenset({400, 422}))
SCENARIOS = [READ, WRITE, REFUSAL]
