"""Recipes: the pages of a service show changes of files, which can be followed word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A paragraph that begins with the file, and the block below it.
STEP = re.compile(r"^`([\w./-]+)`([^`\n]*):\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEW = ", a new file"
# A block of commands.
COMMANDS = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A file that is made, or changed as in a diff without numbers of lines."""

    path: str
    is_new: bool
    text: str

    def follow(self, root: Path) -> None:
        """Makes or changes the file.

        Raises:
            ValueError: there is such a file, or not exactly one place for a change.
        """
        file = root / self.path
        if self.is_new:
            if file.exists():
                raise ValueError(f"{self.path} is there already")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text, encoding="utf-8")
            return
        lines = file.read_text(encoding="utf-8").splitlines()
        for change in re.split(r"^@@$\n", self.text, flags=re.MULTILINE):
            lines = changed(lines, change.splitlines(), self.path)
        file.write_text("\n".join([*lines, ""]), encoding="utf-8")


def changed(lines: list[str], change: list[str], place: str) -> list[str]:
    """Returns lines after a change of them."""
    old = [line[1:] for line in change if line[:1] in ("", " ", "-")]
    new = [line[1:] for line in change if line[:1] in ("", " ", "+")]
    found = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
    if len(found) != 1:
        text = "\n".join(old)
        raise ValueError(f"{place} has {len(found)} places with these lines:\n{text}")
    return [*lines[: found[0]], *new, *lines[found[0] + len(old) :]]


def steps(page: str) -> Iterator[Step]:
    """Returns the steps of a page."""
    for path, about, text in STEP.findall(page):
        yield Step(path, about == NEW, text)


def commands(page: str) -> Iterator[str]:
    """Returns the commands of a page, which are run when its steps have been followed."""
    for block in COMMANDS.findall(page):
        yield from block.splitlines()


def follow(root: Path, page: str) -> None:
    """Does what a page of a service tells.

    Args:
        root: of the service.
        page: the path of the page.

    Raises:
        ValueError: a step cannot be followed.
    """
    for step in steps((root / page).read_text(encoding="utf-8")):
        step.follow(root)
