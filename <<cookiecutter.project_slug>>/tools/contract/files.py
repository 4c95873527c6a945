"""Changes of files: collected, shown, and written together at the end."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
        """Makes all changes, or none if one of them fails."""
        with self.saved():
            pass

    @contextmanager
    def saved(self) -> Iterator[None]:
        """Makes all changes, and takes them back if one of them fails, or what is done with them."""
        before = {path: _content(path) for path in self._changed}
        after = {path: _bytes(text) for path, text in self._changed.items()}
        try:
            _replace(after)
            yield
        except BaseException:
            _replace(before)
            raise
        self._changed.clear()


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode()


def _replace(contents: Mapping[Path, bytes | None]) -> None:
    """Gives files new contents, or removes them; a file has its old content or its new one, whatever happens."""
    beside = {path: path.with_name(f".{path.name}.new") for path in contents}
    written = {path: content for path, content in contents.items() if content is not None}
    try:
        for path, content in written.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside[path].write_bytes(content)
            if path.exists():
                beside[path].chmod(path.stat().st_mode)
        for path in written:
            beside[path].replace(path)
    finally:
        for path in written:
            if beside[path].exists():
                beside[path].unlink()
    for path in contents.keys() - written.keys():
        if path.exists():
            path.unlink()
        _remove_if_empty(path.parent)


def _remove_if_empty(directory: Path) -> None:
    """Removes a directory in which nothing is left but what Python has compiled."""
    if directory.is_dir() and {path.name for path in directory.iterdir()} <= {"__pycache__"}:
        shutil.rmtree(directory)
