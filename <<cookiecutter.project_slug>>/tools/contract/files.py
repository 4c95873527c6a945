"""Changes of files: collected, shown, and written together at the end."""

import os
from pathlib import Path


class Files:
    """The files of a directory, with changes that are not written yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._changed: dict[Path, str] = {}
        self._appended: set[Path] = set()

    def read(self, path: Path) -> str | None:
        """Returns the text of a file with its changes; None if there is no such file."""
        if path in self._changed:
            return self._changed[path]
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def write(self, path: Path, text: str) -> None:
        """Gives a file a new text."""
        if text != self.read(path):
            self._changed[path] = text

    def append(self, path: Path, text: str) -> None:
        """Gives a file a text that has all lines that it had."""
        self._appended.add(path)
        self.write(path, text)

    def report(self) -> list[str]:
        """Returns what `save` does, a line for each file."""
        return [self._line(path) for path in sorted(self._changed)]

    def _line(self, path: Path) -> str:
        name = path.relative_to(self.root)
        if not path.exists():
            return f"CREATE {name}"
        if path not in self._appended:
            return f"WRITE {name}"
        before = path.read_text(encoding="utf-8").count("\n")
        return f"APPEND {name} +{self._changed[path].count(chr(10)) - before}"

    def save(self) -> None:
        """Writes the changes; a file has either its old text or its new one, whatever happens."""
        new = {path: path.with_name(f".{path.name}.new") for path in self._changed}
        try:
            for path, beside in new.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.write_text(self._changed[path], encoding="utf-8")
                if path.exists():
                    beside.chmod(path.stat().st_mode)
            for path, beside in new.items():
                os.replace(beside, path)
        finally:
            for beside in new.values():
                beside.unlink(missing_ok=True)
        self._changed.clear()
