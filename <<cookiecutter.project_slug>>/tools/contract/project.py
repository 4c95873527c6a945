"""Where the parts of a service are."""

import tomllib
from pathlib import Path
from typing import NamedTuple

CHASSIS = "chassis"


class Project(NamedTuple):
    """A service: its directory, the name of its package, and a version of its API."""

    root: Path
    package: str
    suffix: str = ""
    """Of the files of a further version of the API: `_v2`."""

    @property
    def sources(self) -> Path:
        """The directory of the packages."""
        return self.root / "src"

    @property
    def contract(self) -> Path:
        """The OpenAPI document."""
        return self.sources / self.package / f"openapi{self.suffix}.yaml"

    @property
    def types(self) -> Path:
        """The module with the types of the contract's schemas."""
        return self.sources / self.package / f"schemas{self.suffix}.py"

    @property
    def types_module(self) -> str:
        """The name of that module."""
        return f"{self.package}.{self.types.stem}"

    @property
    def released(self) -> Path:
        """The document of the last release."""
        return self.root / "contract" / f"released{self.suffix}.yaml"

    def versions(self) -> list["Project"]:
        """Returns the project for each version of the API, the first one first."""
        others = (self.sources / self.package).glob("openapi_v*.yaml")
        suffixes = sorted(path.stem.removeprefix("openapi") for path in others)
        return [self, *(self._replace(suffix=suffix) for suffix in suffixes)]

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
