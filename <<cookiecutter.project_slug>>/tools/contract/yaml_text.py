"""Changes of a YAML document that leave all else as it is written: comments, order, quotes."""

import json
from typing import Any

import yaml

from chassis.contract import ContractError

Path = tuple[str, ...]


class YamlText:
    """A document whose root is a mapping, and what is put into it."""

    def __init__(self, text: str) -> None:
        """Reads the document.

        Raises:
            yaml.YAMLError: it is not YAML.
        """
        self.text = text if text.endswith("\n") else f"{text}\n"
        self._root = yaml.compose(self.text, yaml.SafeLoader)
        self._changes: list[tuple[int, int, str]] = []

    def find(self, *path: str) -> yaml.Node | None:
        """Returns the node at a path of keys; None if there is none."""
        node = self._root
        for step in path:
            node = dict(self._pairs(node)).get(step)
        return node

    def keys(self, *path: str) -> list[str]:
        """Returns the keys of a mapping, in their order."""
        return [key for key, _ in self._pairs(self.find(*path))]

    def set(self, path: Path, key: str, value: Any) -> None:
        """Gives a key of a mapping a value: another one, or as the first key of the mapping."""
        node, written = self.find(*path), _flow(value)
        if old := self.find(*path, key):
            self._changes.append((old.start_mark.index, old.end_mark.index, written))
        elif isinstance(node, yaml.MappingNode) and node.flow_style:
            place = node.start_mark.index + 1
            self._changes.append((place, place, f"{key}: {written}, "))
        elif isinstance(node, yaml.MappingNode):
            first = node.value[0][0].start_mark
            self._changes.append(
                (first.index, first.index, f"{key}: {written}\n{' ' * first.column}")
            )

    def append(self, path: Path, block: str) -> None:
        """Appends lines to a mapping or a list, indented as it is; creates the mapping if there is none.

        Raises:
            ContractError: it is written in one line.
        """
        node = self.find(*path)
        if node is None:
            self.append(path[:-1], f"{path[-1]}:\n{_indented(block, 2)}")
            return
        if not isinstance(node, yaml.CollectionNode) or node.flow_style:
            raise ContractError(f"write {'/'.join(path)} in lines, so that some can be added")
        place = self._end(node)
        self._changes.append((place, place, _indented(block, node.start_mark.column)))

    def insert(self, path: Path, key: str, block: str, *, before: bool = False) -> None:
        """Adds lines to a mapping: after a key of it with its value, or before the key.

        Raises:
            ContractError: the mapping is written in one line.
        """
        mapping = self.find(*path)
        if not isinstance(mapping, yaml.MappingNode) or mapping.flow_style:
            raise ContractError(f"write {'/'.join(path)} in lines, so that some can be added")
        (node, value) = next((node, value) for node, value in mapping.value if node.value == key)
        start = node.start_mark
        place = start.index - start.column if before else self._end(value)
        self._changes.append((place, place, _indented(block, start.column)))

    def add(self, path: Path, item: str, before: str) -> None:
        """Adds an item to a list of words, before another one if that is there, or at the end."""
        node: Any = self.find(*path)
        if node is None:
            self.set(path[:-1], path[-1], [item])
            return
        marks = {one.value: one.start_mark for one in node.value}
        if not node.flow_style:
            self.append(path, f"- {item}")
        elif before in marks:
            place = marks[before].index
            self._changes.append((place, place, f"{item}, "))
        else:
            place = node.value[-1].end_mark.index if node.value else node.start_mark.index + 1
            self._changes.append((place, place, f", {item}" if node.value else item))

    def block(self, path: Path, key: str) -> str:
        """Returns the lines of a key of a mapping without indentation, with the comments before it."""
        pairs = self._pairs(self.find(*path))
        number = [name for name, _ in pairs].index(key)
        node: Any = self.find(*path)
        start = node.value[number][0].start_mark
        first = self._end(node.value[number - 1][1]) if number else start.index - start.column
        lines = self.text[first : self._end(node.value[number][1])].splitlines()
        kept = [line[min(start.column, len(line) - len(line.lstrip())) :] for line in lines]
        return "".join(f"{line}\n" for line in kept)

    def lines(self, path: Path) -> str:
        """Returns the lines of a collection without indentation."""
        node: Any = self.find(*path)
        column = node.start_mark.column
        lines = self.text[node.start_mark.index : self._end(node)].splitlines()
        return "".join(f"{line}\n" for line in [lines[0], *(line[column:] for line in lines[1:])])

    def changed(self) -> str:
        """Returns the text with all changes."""
        text = self.text
        # From the end to the beginning: then places stay. Of changes at one place, the first stays the first.
        for start, _, end, new in sorted(
            ((start, number, end, new) for number, (start, end, new) in enumerate(self._changes)),
            reverse=True,
        ):
            text = f"{text[:start]}{new}{text[end:]}"
        return text

    def _pairs(self, node: yaml.Node | None) -> list[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            return []
        return [(str(key.value), value) for key, value in node.value]

    def _end(self, node: yaml.Node) -> int:
        """Returns where the line after a node begins."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        end: int = node.end_mark.index
        if end and self.text[end - 1] == "\n":
            return end
        return self.text.find("\n", end) + 1


def _flow(value: Any) -> str:
    """Returns a value in one line."""
    if isinstance(value, str) and value.replace(".", "_").isidentifier():
        return value
    return json.dumps(value)


def _indented(block: str, columns: int) -> str:
    lines = (f"{' ' * columns}{line}" if line else "" for line in block.splitlines())
    return "".join(f"{line}\n" for line in lines)
