"""What takes long is shared out to days, so that a run of the tests stays short; `make test-all` takes all."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

Sample = TypeVar("Sample")

# All processes of a run have the same day, also at midnight.
DAY = int(os.environ.setdefault("TEST_DAY", str(datetime.now(UTC).date().toordinal())))


def todays(samples: Sequence[Sample], days: int) -> list[Sample]:
    """Returns a part of some samples, and the other parts on other days.

    Args:
        samples: what takes long.
        days: after how many days each has had its turn.
    """
    return list(samples if os.environ.get("TEST_ALL") else samples[DAY % days :: days])
