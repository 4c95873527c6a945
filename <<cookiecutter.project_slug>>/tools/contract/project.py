"""Where the parts of a service are."""

import tomllib
from pathlib import Path
from typing import NamedTuple

CHASSIS = "chassis"


class Project(NamedTuple):
    """A service: its directory, and the name of its package."""

    root: Path
    package: str

    @property
    def sources(self) -> Path:
        """The directory of the packages."""
        return self.root / "src"

    @property
    def contract(self) -> Path:
        """The OpenAPI document."""
        return self.sources / self.package / "openapi.yaml"

    @property
    def types(self) -> Path:
        """The module with the types of the contract's schemas."""
        return self.sources / self.package / "schemas.py"

    def modules(self, name: str) -> list[Path]:
        """Returns the files that a module may have."""
        path = self.sources.joinpath(*name.split("."))
        return [path.with_suffix(".py"), path / "__init__.py"]

    def tests_of(self, name: str) -> Path:
        """Returns the file of the tests of a module: in `tests`, where the module is in the package."""
        *packages, module = name.removeprefix(f"{self.package}.").split(".")
        return self.root.joinpath("tests", *packages, f"test_{module}.py")


def find(root: Path) -> Project:
    """Returns the service in a directory, as its pyproject.toml describes it."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    names = settings["tool"]["uv"]["build-backend"]["module-name"]
    return Project(root, next(name for name in names if name != CHASSIS))
