"""Writes what was measured: all of it as JSON, the medians and their ratios as tables of Markdown."""

import json
import os
import platform
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from .contenders import BARE, BENCH, CONNEXION
from .measure import Measurement, Start
from .scenarios import REFUSAL, SCENARIOS

RESULTS = BENCH / "results"
PACKAGES = [
    "connexion",
    "django",
    "fastapi",
    "flask",
    "gevent",
    "gunicorn",
    "sqlalchemy",
    "uvicorn",
]

Rounds = list[tuple[Start, list[Measurement]]]


def machine() -> dict[str, str]:
    """On what it was measured, and with what."""
    command = [str(BENCH / ".venv" / "bin" / "python"), "-c"]
    script = "import sys, importlib.metadata as m; print(*(m.version(n) for n in sys.argv[1:]))"
    versions = subprocess.check_output([*command, script, *PACKAGES], text=True).split()
    return {
        "cores": str(os.cpu_count()),
        "Python": platform.python_version(),
        **dict(zip(PACKAGES, versions, strict=True)),
    }


def save(name: str, database: str, options: dict[str, Any], rounds: Rounds) -> str:
    """Writes the files and returns the tables."""
    RESULTS.mkdir(exist_ok=True)
    content = {
        "database": database,
        "options": options,
        "machine": machine(),
        "starts": [asdict(start) for start, _ in rounds],
        "measurements": [asdict(measurement) for _, measured in rounds for measurement in measured],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    text = "\n".join(tables(database, content["machine"], rounds))
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    plot = [str(BENCH / ".venv" / "bin" / "python"), "-m", "bench.plot", f"{RESULTS / name}.json"]
    subprocess.run(plot, cwd=BENCH.parent, check=True)
    return text


def tables(database: str, on: dict[str, str], rounds: Rounds) -> Iterable[str]:
    """The lines of all tables."""
    yield f"## {database}"
    yield ""
    yield ", ".join(f"{name} {version}" for name, version in on.items())
    for scenario in SCENARIOS:
        found = [
            measurement
            for _, all_ in rounds
            for measurement in all_
            if measurement.scenario == scenario.name
        ]
        baseline = CONNEXION if scenario is REFUSAL else BARE
        yield from ["", f"### {scenario.name}", ""]
        yield f"| | CPU per request | ratio to {baseline} | spread | requests/s | p50 | p99 | p99/p50 | failures |"
        yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
        yield from scenario_rows(grouped(found), baseline)
    yield from ["", "### start and memory", ""]
    yield (
        "| | first answer | ratio | CPU until then | ratio "
        "| memory per worker | after load | ratio | resident |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    yield from start_rows(grouped(start for start, _ in rounds))
    yield ""


def grouped(found: Iterable[Any]) -> dict[str, list[Any]]:
    """What was measured, by the contender."""
    groups: dict[str, list[Any]] = defaultdict(list)
    for measurement in found:
        groups[measurement.contender].append(measurement)
    return groups


def median(group: list[Any], field: str) -> float:
    """The median of a field of several measurements."""
    return statistics.median(getattr(measurement, field) for measurement in group)


def ratios(groups: dict[str, list[Any]], name: str, baseline: str, field: str) -> list[float]:
    """How a field compares with the baseline's in each round."""
    pairs = zip(groups[name], groups[baseline], strict=True)
    return [getattr(measurement, field) / getattr(other, field) for measurement, other in pairs]


def scenario_rows(groups: dict[str, list[Measurement]], baseline: str) -> Iterable[str]:
    """A line for each contender: medians of all rounds."""
    for name, group in groups.items():
        failures = sum(measurement.failures for measurement in group)
        if not all(measurement.counts for measurement in group):
            yield f"| {name} {'| - ' * 7}| {failures} |"
            continue
        compared = ratios(groups, name, baseline, "cpu")
        cpu, throughput, p50, p99 = (
            median(group, field) for field in ("cpu", "throughput", "p50", "p99")
        )
        yield (
            f"| {name} | {cpu:.0f} µs | {statistics.median(compared):.2f} "
            f"| {min(compared):.2f} to {max(compared):.2f} | {throughput:.0f} "
            f"| {p50:.2f} s | {p99:.2f} s | {p99 / p50:.1f} | {failures} |"
        )


def start_rows(groups: dict[str, list[Start]]) -> Iterable[str]:
    """A line for each contender: medians of all rounds."""
    for name, group in groups.items():
        seconds, cpu, memory = (
            statistics.median(ratios(groups, name, BARE, field))
            for field in ("seconds", "cpu", "memory_after")
        )
        yield (
            f"| {name} | {median(group, 'seconds'):.2f} s | {seconds:.2f} "
            f"| {median(group, 'cpu'):.2f} s | {cpu:.2f} | {median(group, 'memory'):.0f} MiB "
            f"| {median(group, 'memory_after'):.0f} MiB | {memory:.2f} "
            f"| {median(group, 'resident_after'):.0f} MiB |"
        )
