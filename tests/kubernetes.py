"""What tests know of Kubernetes."""

from pathlib import Path
from typing import Any

Object = dict[str, Any]


def mount_files(directory: Path, files: dict[str, str]) -> None:
    """Lays files out as Kubernetes does in the volume of a Secret or a ConfigMap."""
    version = directory / "..2026_01_02_03_04_05.678901234"
    version.mkdir(parents=True)
    (directory / "..data").symlink_to(version.name)
    for name, text in files.items():
        (version / name).write_text(text)
        (directory / name).symlink_to(f"..data/{name}")
