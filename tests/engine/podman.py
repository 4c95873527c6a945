"""Podman, which runs what Kubernetes would: `podman kube play`, with its data in a directory of its own."""

import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import yaml

PACKAGES = ["podman", "runc", "catatonit"]
TOOLS = ["podman", "runc", "/usr/libexec/podman/catatonit"]
# It has no systemd to ask, and may not raise what it is limited to itself.
CONFIGURATION = """
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
"""


class Podman:
    """Runs objects of Kubernetes; all is gone at the end."""

    def __enter__(self) -> Self:
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        assert not missing, f"This test needs the Debian packages {', '.join(PACKAGES)}."
        self.directory = Path(tempfile.mkdtemp(prefix="podman-"))
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        (self.directory / "containers.conf").write_text(CONFIGURATION.format(files=files))
        return self

    def __exit__(self, *error: object) -> None:
        self.run("pod", "rm", "--force", "--all", check=False)
        self.run("volume", "rm", "--force", "--all", check=False)
        self.run("rmi", "--force", "--all", check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, *arguments: str, check: bool = True, **more: Any) -> Any:
        """Runs a command."""
        directories = [
            f"--root={self.directory}/root",
            f"--runroot={self.directory}/run",
            "--storage-driver=overlay",
        ]
        result = subprocess.run(
            ["podman", *directories, *arguments],
            env={**os.environ, "CONTAINERS_CONF": str(self.directory / "containers.conf")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
            **more,
        )
        assert not check or result.returncode == 0, f"{arguments}:\n{result.stdout[-6000:]}"
        return result

    def play(self, objects: list[dict[str, Any]]) -> None:
        """Makes what the objects describe."""
        file = self.directory / "objects.yaml"
        file.write_text(yaml.safe_dump_all(objects), encoding="utf-8")
        self.run("play", "kube", str(file))
