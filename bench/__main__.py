"""Compare a generated service with others that do the same: python -m bench --help"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.live import Database, PostgreSQL, environment, free_address

from . import report
from .contenders import BENCH, contenders, install_service
from .measure import first_answers, run
from .scenarios import ROWS

PYTHON = BENCH / ".venv" / "bin" / "python"
FILL = """
import sys
from datetime import UTC, datetime
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from bench.peers.model import URL, new
with Session(create_engine(URL)) as session:
    session.add_all(new(f"Read {n}", "read", None, n) for n in range(int(sys.argv[1])))
    session.add_all(new(f"Other {n}", "other", None, n) for n in range(1000))
    session.commit()
"""


@contextmanager
def database(kind: str, directory: Path) -> Iterator[str]:
    """Gives the URL of a new, empty database."""
    if kind == "SQLite":
        yield f"sqlite:///{directory}/colors.db"
        return
    with PostgreSQL(BENCH) as server, Database(server.url) as made:
        yield made.variables["APP_DATABASE__URL"]


def fill(service: Path, url: str) -> None:
    """Makes the table, by the service's own migrations, and its rows."""
    variables = environment(APP_DATABASE__URL=url)
    command = [str(service / ".venv" / "bin" / "color-palette"), "db", "upgrade"]
    subprocess.run(command, cwd=service, env=variables, capture_output=True, check=True)
    subprocess.run(
        [str(PYTHON), "-c", FILL, str(ROWS)],
        cwd=BENCH.parent,
        env=environment(BENCH_DATABASE_URL=url),
        check=True,
    )


def compare(kind: str, options: argparse.Namespace, directory: Path) -> str:
    """Runs all rounds on one kind of database, writes the results, and returns the tables."""
    rounds: report.Rounds = []
    service = install_service(directory / kind, kind.lower())
    with database(kind, directory) as url:
        fill(service, url)
        for number in range(options.rounds):
            address = free_address()
            all_ = contenders(service, address, url)
            # Each round begins with another one, so that none has the best place.
            turn = number % len(all_)
            in_turn = all_[turn:] + all_[:turn]
            print(f"{kind}, round {number + 1}: starts", file=sys.stderr)
            begun = first_answers(in_turn, address, directory)
            for contender in in_turn:
                print(f"{kind}, round {number + 1}: {contender.name}", file=sys.stderr)
                start = begun[contender.name]
                rounds.append(
                    run(contender, start, address, options.clients, options.requests, directory)
                )
    return report.save(kind.lower(), kind, vars(options), rounds)


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--clients", type=int, default=1000, help="connections at a time")
    parser.add_argument("--requests", type=int, default=10_000, help="requests of each scenario")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--database", action="append", choices=["PostgreSQL", "SQLite"], help="both if not given"
    )
    options = parser.parse_args()
    if not PYTHON.exists():
        sys.exit("The peers are not installed; `make bench` does that first.")
    # Services that are started again shall find what Python has compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        directory = Path(name)
        for kind in options.database or ["PostgreSQL", "SQLite"]:
            print(compare(kind, options, directory))


if __name__ == "__main__":
    main()
