"""What a server costs, from the accounts that Linux keeps: https://docs.kernel.org/filesystems/proc.html"""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that it has started, and that these have started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(process for child in children for process in family(int(child)))]


def cpu_seconds(pid: int) -> float:
    """The time that processors have spent on a process and all below it, in seconds."""
    total = 0
    for process in family(pid):
        # The name, in brackets, may have spaces.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        user, system, ended_user, ended_system = (int(fields[place]) for place in range(11, 15))
        total += user + system + ended_user + ended_system
    return total / TICKS


def memory_mib(pid: int, kind: str = "Pss") -> float:
    """The memory of a process and all below it in MiB.

    Args:
        pid: the process.
        kind: Pss counts once what they share, Rss once for each of them.
    """
    lines = [
        line
        for process in family(pid)
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    ]
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:")) / 1024
