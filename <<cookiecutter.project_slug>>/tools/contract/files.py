"""Changes of files: collected, shown, and written together at the end."""

import shutil
from pathlib import Path


class Files:
    """The files of a directory, with changes that are not written yet."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._changed: dict[Path, str | None] = {}
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

    def remove(self, path: Path) -> None:
        """Removes a file."""
        self._changed[path] = None

    def report(self) -> list[str]:
        """Returns what `save` does, a line for each file."""
        return [self._line(path) for path in sorted(self._changed)]

    def _line(self, path: Path) -> str:
        name, text = path.relative_to(self.root), self._changed[path]
        if text is None:
            return f"REMOVE {name}"
        if not path.exists():
            return f"CREATE {name}"
        if path not in self._appended:
            return f"WRITE {name}"
        before = path.read_text(encoding="utf-8").count("\n")
        return f"APPEND {name} +{text.count(chr(10)) - before}"

    def save(self) -> None:
        """Makes the changes; a file has either its old text or its new one, whatever happens."""
        written = {path: text for path, text in self._changed.items() if text is not None}
        beside = {path: path.with_name(f".{path.name}.new") for path in written}
        try:
            for path, new in beside.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                new.write_text(written[path], encoding="utf-8")
                if path.exists():
                    new.chmod(path.stat().st_mode)
            for path, new in beside.items():
                new.replace(path)
        finally:
            for new in beside.values():
                new.unlink(missing_ok=True)
        for path in self._changed.keys() - written.keys():
            path.unlink()
            _remove_if_empty(path.parent)
        self._changed.clear()


def _remove_if_empty(directory: Path) -> None:
    """Removes a directory in which nothing is left but what Python has compiled."""
    if {path.name for path in directory.iterdir()} <= {"__pycache__"}:
        shutil.rmtree(directory)
