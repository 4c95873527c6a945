"""Draw what was measured beside its JSON: python -m bench.plot RESULT.json"""

import json
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

SERVICE, OTHERS = "#1f77b4", "#b0b0b0"


def medians(measurements: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """The CPU time of a request in microseconds: scenario -> contender -> median of all rounds."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for measurement in measurements:
        # What only runs into limits of time has no cost of a request.
        if measurement["throughput"] >= 1:
            found[measurement["scenario"]][measurement["contender"]].append(measurement["cpu"])
    return {
        scenario: {name: statistics.median(values) for name, values in by_name.items()}
        for scenario, by_name in found.items()
    }


def draw(result: Path) -> Path:
    """Draws a panel for each scenario, a bar for each contender; returns the picture's path."""
    content = json.loads(result.read_text(encoding="utf-8"))
    scenarios = medians(content["measurements"])
    figure, panels = plt.subplots(1, len(scenarios), figsize=(4 * len(scenarios), 3))
    for panel, (scenario, times) in zip(panels, scenarios.items(), strict=True):
        names = sorted(times, key=times.__getitem__, reverse=True)
        bars = panel.barh(
            names,
            [times[name] for name in names],
            color=[SERVICE if name == "the service" else OTHERS for name in names],
        )
        panel.bar_label(bars, fmt="%.0f", padding=2)
        panel.set_title(scenario)
        panel.set_xlabel("CPU per request, µs")
        panel.spines[["top", "right"]].set_visible(False)
        panel.margins(x=0.15)
    figure.suptitle(content["database"])
    figure.tight_layout()
    picture = result.with_suffix(".png")
    figure.savefig(picture, dpi=100)
    return picture


if __name__ == "__main__":
    print(draw(Path(sys.argv[1])), file=sys.stderr)
