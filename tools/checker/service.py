"""The generated service that is looked at."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..template import Answers, answer


@dataclass(frozen=True)
class Service:
    """A rendered service, the answers that were given, and an environment of all packages."""

    root: Path
    given: Answers
    environment: Path

    @property
    def memory(self) -> Path:
        """Where it is remembered what was clean, for other services with the same packages."""
        return self.environment / "clean"

    @cached_property
    def answers(self) -> Answers:
        """All answers, derived ones too."""
        return answer(**self.given)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of each file by its path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    @cached_property
    def modules(self) -> dict[str, ast.Module]:
        """The Python files; those that cannot be parsed are left to the check of the style."""
        parsed = {}
        for path, text in self.texts.items():
            if path.endswith(".py"):
                try:
                    parsed[path] = ast.parse(text)
                except SyntaxError:
                    continue
        return parsed

    @property
    def package(self) -> str:
        """The path of the service's package."""
        return f"src/{self.answers['package_name']}"

    def search(self, pattern: str, flags: int = 0) -> list[tuple[str, str, re.Match[str]]]:
        """Where a pattern is found in a line: the path, the place as path and line, the match.

        The hashes of locked packages are no text.
        """
        compiled = re.compile(pattern, flags)
        return [
            (path, f"{path}:{number}", found)
            for path, text in self.texts.items()
            for number, line in enumerate(text.splitlines(), 1)
            if not line.startswith("    --hash=")
            for found in compiled.finditer(line)
        ]
