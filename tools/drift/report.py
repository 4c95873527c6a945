"""Says in Markdown what the newest versions break."""

from typing import NamedTuple

from ..versions import join
from .causes import Since, Verdict
from .jobs import Breakage


class Finding(NamedTuple):
    """What is broken and why."""

    what: str
    breakage: Breakage
    verdict: Verdict


def markdown(news: list[str], findings: list[Finding], jobs: list[str]) -> str:
    """Writes the report.

    Args:
        news: the lines of `make lock`.
        findings: what is broken.
        jobs: what was run; nothing if no version has changed.
    """
    lines = ["# Newest versions", ""]
    if not jobs:
        lines += ["Nothing became newer.", ""]
    elif not findings:
        lines += [f"Nothing broke: {', '.join(jobs)}.", ""]
    else:
        lines += [f"{len(findings)} broke, of {', '.join(jobs)}:", ""]
        for finding in findings:
            lines += [*section(finding), ""]
    if news:
        lines += ["## Packages", "", *(f"- {line}" for line in news), ""]
    return "\n".join(lines)


def section(finding: Finding) -> list[str]:
    """Writes what is known of a finding, as an item of a list."""
    says = f": {finding.breakage.says}" if finding.breakage.says else ""
    verdict = finding.verdict
    return [
        f"- `{finding.what}`{says}",
        f"  - with {'; '.join(finding.breakage.answers)}",
        *(f"  - since {' together with '.join(map(version, cause))}" for cause in verdict.causes),
        *([f"  - {verdict.remark}"] if verdict.remark else []),
    ]


def version(since: Since) -> str:
    """Names a package and its first bad version."""
    change = since.upgrade.change
    owner = f" of {since.upgrade.owner}" if since.upgrade.owner == "tools" else ""
    followers = ", ".join(upgrade.name for upgrade in since.followers)
    with_them = f", upgraded with {followers}" if followers else ""
    locked, newest = join(change.old), join(change.new)
    return (
        f"{since.upgrade.name} {since.version}{owner} (locked {locked}, newest {newest}{with_them})"
    )
