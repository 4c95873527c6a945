"""What a service does otherwise than Connexion: `python -m tools.constructs` writes the tables of docs/contract.md.

The requests stand in tests/agreement/cases.py, with a reason for each difference.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .environment import install
from .template import REPOSITORY, render

PAGE = REPOSITORY / "docs" / "contract.md"
SCRIPT = REPOSITORY / "tests" / "agreement" / "constructs.py"
DIFFERENT, SAME = "## Where they differ", "## Where they do the same"


class Row(NamedTuple):
    """A request, and what both did."""

    construct: str
    request: str
    stock: list[str]
    """The status, the call of the handler and the answer of Connexion."""
    own: list[str]
    """Those of the service."""
    reason: str | None

    @property
    def differs(self) -> bool:
        """Whether they do not do the same."""
        return self.stock != self.own


def ask(python: Path) -> list[Row]:
    """Sends the requests of all cases.

    Args:
        python: that of a service's environment.

    Raises:
        CalledProcessError: a case cannot be read; the output says why.
    """
    made = subprocess.run([python, SCRIPT], capture_output=True, text=True, check=True)
    return [Row(*row) for row in json.loads(made.stdout.splitlines()[-1])]


def faults(rows: Iterable[Row]) -> list[str]:
    """Finds differences without a reason, and reasons without a difference."""
    rows = list(rows)
    different = {row.construct for row in rows if row.differs}
    return [
        f"{row.construct}: Connexion does {row.stock}, the service {row.own}, and no reason is given"
        for row in rows
        if row.differs and not row.reason
    ] + [
        f"{name}: both do the same, and a reason is given"
        for name in dict.fromkeys(row.construct for row in rows if row.reason)
        if name not in different
    ]


def page(text: str, rows: Iterable[Row]) -> str:
    """Returns a page with the tables of some rows in the place of its own."""
    rows = list(rows)
    tables = {
        DIFFERENT: table(
            ("construct", "request", "Connexion", "service", "why"),
            (
                (row.construct, code(row.request), outcome(row.stock), outcome(row.own), row.reason)
                for row in rows
                if row.differs
            ),
        ),
        SAME: table(
            ("construct", "request", "both"),
            (
                (row.construct, code(row.request), outcome(row.own))
                for row in rows
                if not row.differs
            ),
        ),
    }
    for heading, lines in tables.items():
        text = re.sub(
            rf"(?<=^{heading}\n\n).*?(?=\n\n|\Z)",
            lambda _, lines=lines: "\n".join(lines),
            text.rstrip("\n"),
            flags=re.MULTILINE | re.DOTALL,
        )
    return f"{text}\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str | None, ...]]) -> Iterator[str]:
    """Writes a table; what stands in the row above is not repeated in the first and the last column."""
    yield f"| {' | '.join(head)} |"
    yield "|---" * len(head) + "|"
    above: tuple[str | None, ...] = ()
    for row in rows:
        is_same = row[0] in above[:1]
        cells = ["" if is_same and column in (0, 4) else cell for column, cell in enumerate(row)]
        yield f"| {' | '.join(cell or '' for cell in cells)} |"
        above = row


def code(text: str) -> str:
    """Writes a text as code, in one line."""
    line = re.sub(r"\s*\n\s*", " ↵ ", text.strip())
    return f"`{line}`".replace("|", r"\|")


def outcome(told: list[str]) -> str:
    """Writes what an application did."""
    status, *rest = told
    return ", ".join([status, *map(code, rest)])


def main() -> None:
    """Writes the page."""
    with tempfile.TemporaryDirectory() as directory:
        service = render(Path(directory, "service"))
        install(service)
        rows = ask(service / ".venv" / "bin" / "python")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), rows), encoding="utf-8")


if __name__ == "__main__":
    main()
