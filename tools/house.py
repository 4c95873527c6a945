"""The picture of the house: the rooms of a service, and what imports what. `make house` draws it.

A box is a module or a directory of modules. An arrow is an import, and is left out where a longer way leads to the same
box. The service is drawn above the chassis; whoever imports stands above what is imported.
"""

import ast
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from html import escape
from itertools import pairwise
from pathlib import Path
from statistics import mean

from .template import REPOSITORY, render

PICTURE = REPOSITORY / "docs" / "house.svg"
CHASSIS = "chassis"
CONFIGURATION = "gunicorn.conf.py"
CONTRACT = "openapi.yaml"

Graph = dict[str, set[str]]

# The sizes of the picture, in pixels.
MARGIN, PADDING, GAP = 20, 10, 26
ROW_GAP, PANEL_GAP = 54, 92
TITLE, LINE = 20, 15
TITLE_LETTER, LETTER = 8.4, 6.9
LETTERS_IN_A_LINE = 24
SWEEPS = 200
CENTERING = 0.1
STYLE = """
text { font: 12px Helvetica, Arial, sans-serif; fill: #444 }
.title { font: bold 14px Helvetica, Arial, sans-serif; fill: #111 }
.panel { fill: #f6f4ee }
.chassis { fill: #edf2f7 }
.heading {
  font: bold 16px Helvetica, Arial, sans-serif; fill: #555;
  paint-order: stroke; stroke: #f6f4ee; stroke-width: 8px; stroke-linejoin: round;
}
.heading.chassis { fill: #555; stroke: #edf2f7 }
.box { fill: #fff; stroke: #777 }
.arrow { fill: none; stroke: #567; stroke-width: 1.4 }
.by-name { stroke-dasharray: 5 4 }
"""


class House:
    """The boxes of a service, with their modules, and the arrows between them."""

    def __init__(self, service: Path) -> None:
        """Reads a service, all that is below `src` and gunicorn's configuration."""
        self._sources = service / "src"
        files = sorted(self._sources.rglob("*.py"))
        self._names = {dotted(path.relative_to(self._sources)): path for path in files}
        self._packages = {name for name, path in self._names.items() if path.stem == "__init__"}
        (self.package,) = {name.split(".")[0] for name in self._names} - {CHASSIS}
        self.modules: dict[str, list[str]] = defaultdict(list)
        for name in self._names:
            self._put(name)
        (contract,) = self._sources.rglob(CONTRACT)
        texts = {**self._names, CONFIGURATION: service / CONFIGURATION}
        trees = {name: ast.parse(path.read_text("utf-8")) for name, path in texts.items()}
        named = {name: set(self._named(tree)) for name, tree in trees.items()}
        named[CONTRACT] = set(re.findall(r"[\w.]+", contract.read_text("utf-8"))) & set(self._names)
        imported = {name: set(self._imported(name, tree)) for name, tree in trees.items()}
        self.modules |= {CONFIGURATION: [], CONTRACT: []}
        self.by_name = self._arrows(named)
        self.arrows = without_detours(merged(self._arrows(imported), self.by_name))

    def _put(self, name: str) -> None:
        box = self.box(name)
        if box not in (self.package, CHASSIS):
            inner = name.removeprefix(box).strip(".")
            self.modules[box].extend([inner] if inner else [])

    def box(self, name: str) -> str:
        """Returns the box of a module: the directory that it is in, or itself at the root of a package."""
        around = name if name in self._packages else name.rpartition(".")[0]
        return around if around in self._packages - {self.package, CHASSIS} else name

    def is_own(self, box: str) -> bool:
        """Whether a box is the service's, and not the chassis's."""
        return box.split(".")[0] != CHASSIS

    def _imported(self, name: str, tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                parts = name.split(".")
                around = parts[: len(parts) - node.level + (name in self._packages)]
                base = ".".join([*(around if node.level else []), *filter(None, [node.module])])
                for alias in node.names:
                    inner = f"{base}.{alias.name}"
                    yield inner if inner in self._names else base

    def _named(self, tree: ast.AST) -> Iterator[str]:
        """Finds what a module names in a text, such as "books.wsgi:app", and somebody imports for it."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value.partition(":")[0]
                if name in self._names.keys() | {CONTRACT}:
                    yield name

    def _arrows(self, needed: dict[str, set[str]]) -> Graph:
        arrows: Graph = {box: set() for box in self.modules}
        for name, others in needed.items():
            boxes = {self.box(other) for other in others} & self.modules.keys()
            if self.box(name) in arrows:
                arrows[self.box(name)] |= boxes - {self.box(name)}
        return arrows


def dotted(path: Path) -> str:
    """Returns the name of the module at a path below the sources."""
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def merged(graph: Graph, other: Graph) -> Graph:
    """Returns the arrows of both."""
    return {box: graph[box] | other[box] for box in graph}


def without_detours(arrows: Graph) -> Graph:
    """Leaves out each arrow to a box that is reached by a longer way, too.

    Raises:
        graphlib.CycleError: two boxes need each other.
    """
    reached: Graph = {}
    for box in TopologicalSorter(arrows).static_order():
        reached[box] = set().union(arrows[box], *(reached[other] for other in arrows[box]))
    return {
        box: {target for target in others if not any(target in reached[other] for other in others)}
        for box, others in arrows.items()
    }


def rows_of(boxes: set[str], arrows: Graph) -> dict[str, int]:
    """Returns the row of each box, from 0 at the top: one below the lowest that imports it."""
    order = [box for box in TopologicalSorter(arrows).static_order() if box in boxes]
    heights: dict[str, int] = {}
    for box in order:
        heights[box] = max(
            (heights[neighbour] + 1 for neighbour in arrows[box] if neighbour in boxes), default=0
        )
    return {box: max(heights.values()) - height for box, height in heights.items()}


class Drawing:
    """Places the boxes in rows so that few arrows cross, and draws them.

    An arrow over several rows passes each of them at a place of its own, as if a thin box were there.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        own = {box for box in house.modules if house.is_own(box)}
        below = house.modules.keys() - own
        self._rows = rows_of(own, house.arrows)
        self._own_rows = max(self._rows.values()) + 1
        self._rows |= {
            box: row + self._own_rows for box, row in rows_of(below, house.arrows).items()
        }
        self._ways: dict[tuple[str, str], list[str]] = {}
        for box in sorted(house.arrows):
            for other in sorted(house.arrows[box]):
                between = range(self._rows[box] + 1, self._rows[other])
                places = [f"{box} > {other} > {row}" for row in between]
                self._rows |= dict(zip(places, between, strict=True))
                self._ways[box, other] = [box, *places, other]
        self._near: Graph = defaultdict(set)
        for way in self._ways.values():
            for upper, lower in pairwise(way):
                self._near[upper].add(lower)
                self._near[lower].add(upper)
        self._order = self._sorted()
        self._x = self._placed()

    def lines(self, box: str) -> list[str]:
        """Returns the names of the modules in a box, in lines that are about as long."""
        found: list[str] = []
        for name in self._house.modules.get(box, []):
            if found and len(found[-1]) + len(name) + 3 <= LETTERS_IN_A_LINE:
                found[-1] += f" · {name}"
            else:
                found.append(name)
        return found

    def title(self, box: str) -> str:
        """Returns the path of a box, as it stands in its package."""
        if box in (CONFIGURATION, CONTRACT):
            return box
        path = "/".join(box.split(".")[1:])
        return f"{path}/" if self._house.modules[box] else f"{path}.py"

    def width(self, place: str) -> float:
        """Returns the width of a box, or of the place of an arrow."""
        if place not in self._house.modules:
            return 0
        texts = [LETTER * len(line) for line in self.lines(place)]
        return round(max([TITLE_LETTER * len(self.title(place)), *texts]) + 2 * PADDING)

    def height(self, box: str) -> int:
        """Returns the height of a box."""
        return TITLE + LINE * len(self.lines(box)) + PADDING

    def _sorted(self) -> list[list[str]]:
        """Brings each row into an order in which its arrows cross those of its neighbours little."""
        order: list[list[str]] = [[] for _ in range(max(self._rows.values()) + 1)]
        for place in sorted(self._rows):
            order[self._rows[place]].append(place)
        best, fewest = order, self._crossings(order)
        for sweep in range(SWEEPS):
            down = sweep % 2 == 0
            order = [list(row) for row in order]
            rows = range(1, len(order)) if down else range(len(order) - 2, -1, -1)
            for row in rows:
                beside = order[row - 1 if down else row + 1]
                middles = self._middles(order[row], beside)
                order[row] = sorted(order[row], key=middles.__getitem__)
            if (crossings := self._crossings(order)) < fewest:
                best, fewest = order, crossings
        return best

    def _middles(self, row: list[str], beside: list[str]) -> dict[str, float]:
        """Returns where the neighbours of each place stand in the row beside, on average."""
        at = {place: number for number, place in enumerate(beside)}
        found = {
            place: [at[neighbour] for neighbour in self._near[place] if neighbour in at]
            for place in row
        }
        return {place: mean(found[place] or [number]) for number, place in enumerate(row)}

    def _crossings(self, order: list[list[str]]) -> int:
        count = 0
        for upper, lower in pairwise(order):
            at = {place: number for number, place in enumerate(lower)}
            ends = [
                sorted(at[neighbour] for neighbour in self._near[place] if neighbour in at)
                for place in upper
            ]
            flat = [end for group in ends for end in group]
            count += sum(a > b for number, a in enumerate(flat) for b in flat[number + 1 :])
        return count

    def _placed(self) -> dict[str, float]:
        """Gives each place its middle, near those of its neighbours and without overlaps."""
        middle = dict.fromkeys(self._rows, 0.0)
        for _ in range(SWEEPS):
            for row in self._order:
                # All are drawn to the middle of the picture a little.
                pulls = [
                    [*(middle[neighbour] for neighbour in self._near[place]), 0.0] for place in row
                ]
                wanted = [sum(pull) / (len(pull) - 1 + CENTERING) for pull in pulls]
                middle |= dict(zip(row, self._apart(row, wanted), strict=True))
        left = min(middle[place] - self.width(place) / 2 for place in middle)
        return {place: round(x - left + 2 * MARGIN) for place, x in middle.items()}

    def _apart(self, row: list[str], wanted: list[float]) -> list[float]:
        """Returns the places that are nearest to the wanted ones, at their distance from each other.

        Places that would overlap form a group, which stands in the middle of where its members want to be.
        """
        widths = [self.width(place) for place in row]
        starts = [0.0]
        for before, width in pairwise(widths):
            starts.append(starts[-1] + before / 2 + GAP + width / 2)
        groups: list[list[float]] = []
        for start, want in zip(starts, wanted, strict=True):
            groups.append([want - start])
            while len(groups) > 1 and mean(groups[-2]) > mean(groups[-1]):
                last = groups.pop()
                groups[-1] += last
        moved = [mean(group) for group in groups for _ in group]
        return [start + move for start, move in zip(starts, moved, strict=True)]

    def svg(self) -> str:
        """Returns the picture."""
        house = self._house
        tops, heights, y = [], [], 2.5 * MARGIN + TITLE
        for number, row in enumerate(self._order):
            height = max(self.height(place) for place in row if place in house.modules)
            y += PANEL_GAP if number == self._own_rows else 0
            tops.append(y)
            heights.append(height)
            y += height + ROW_GAP
        right = max(self._x[place] + self.width(place) / 2 for place in self._x) + MARGIN
        border = round(tops[self._own_rows] - PANEL_GAP / 2 - MARGIN)
        bottom = round(y - ROW_GAP + MARGIN)
        size = f"{round(right + MARGIN)} {bottom + MARGIN}"
        panels = [
            ("own", MARGIN, border, f"yours: src/{house.package}/, {CONFIGURATION}"),
            (CHASSIS, border + MARGIN, bottom, "alike in every service: src/chassis/"),
        ]
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">',
            "<title>The rooms of a service, and what imports what</title>",
            f"<style>{STYLE}</style>",
            '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">',
            '<path d="M0 0L10 5L0 10z" fill="#567"/></marker>',
            '<rect width="100%" height="100%" fill="#fff"/>',
        ]
        for kind, top, end, _ in panels:
            shape = f'width="{right - MARGIN:.0f}" height="{end - top}" rx="8"'
            parts.append(f'<rect class="panel {kind}" x="{MARGIN}" y="{top}" {shape}/>')
        for (box, other), way in self._ways.items():
            kind = "arrow by-name" if other in house.by_name[box] else "arrow"
            parts.append(
                f'<path class="{kind}" marker-end="url(#head)" d="{self._path(way, tops, heights)}"/>'
            )
        for box in sorted(house.modules):
            parts.extend(self._box(box, tops[self._rows[box]]))
        for kind, top, _, heading in panels:
            place = f'x="{MARGIN + 12}" y="{top + 24}"'
            parts.append(f'<text class="heading {kind}" {place}>{escape(heading)}</text>')
        return "\n".join([*parts, "</svg>", ""])

    def _path(self, way: list[str], tops: list[float], heights: list[int]) -> str:
        path = f"M{self._x[way[0]]} {tops[self._rows[way[0]]]:.0f}"
        for place, other in pairwise(way):
            # Down to the end of the row, so that no arrow runs behind a box beside.
            bottom = tops[self._rows[place]] + heights[self._rows[place]]
            top = tops[self._rows[other]]
            bend = (bottom + top) / 2
            path += f"V{bottom:.0f}C{self._x[place]} {bend:.0f} {self._x[other]} {bend:.0f} "
            path += f"{self._x[other]} {top:.0f}"
        return path

    def _box(self, box: str, top: float) -> Iterable[str]:
        width, x = self.width(box), self._x[box]
        yield (
            f'<rect class="box" x="{x - width / 2:.0f}" y="{top:.0f}" width="{width:.0f}" height="{self.height(box)}" rx="4"/>'
        )
        texts = [("title", self.title(box)), *(("modules", line) for line in self.lines(box))]
        for number, (kind, text) in enumerate(texts):
            y = top + TITLE + number * LINE
            yield f'<text class="{kind}" x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(text)}</text>'


def draw() -> str:
    """Returns the picture of the default service."""
    with tempfile.TemporaryDirectory() as directory:
        return Drawing(House(render(Path(directory) / "service"))).svg()


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
