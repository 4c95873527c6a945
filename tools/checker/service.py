"""A service whose files are on the disk."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..template import Answers, answer
from .family import Family
from .origins import of_one


@dataclass(frozen=True)
class Service:
    """The files of a service, the answers that were given, and an environment of all packages."""

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
    def family(self) -> Family:
        """The service as a family of one."""
        return of_one(self.root, self.given, self.environment)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of each file by its path."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(self.root.rglob("*"))
            if path.is_file()
        }

    @property
    def package(self) -> str:
        """The path of the service's package."""
        return f"src/{self.answers['package_name']}"
