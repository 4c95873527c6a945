"""The commands: key, encrypt, edit, rotate."""

import argparse
import os
import sys
from pathlib import Path

from chassis.sops.keys import KEY_FILE
from chassis.start import StartError

from . import sops
from .encryption import check_encrypted, encrypt
from .recipients import RULES, make_key


def main() -> None:
    """Runs a command of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.secrets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key", help="make a key")
    encrypting = commands.add_parser("encrypt", help="encrypt values of a file")
    encrypting.add_argument("file", type=Path)
    encrypting.add_argument("keys", help="separated by commas or spaces")
    for name in ("edit", "rotate"):
        commands.add_parser(name).add_argument("file", type=Path)
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "key":
                key()
            case "encrypt":
                keys = arguments.keys.replace(",", " ").split()
                print(f"Encrypted: {', '.join(encrypt(arguments.file, keys))}")
            case "edit":
                check_encrypted(arguments.file)
                sops.edit(arguments.file)
            case "rotate":
                rotate(arguments.file)
    except StartError as fault:
        sys.exit(str(fault))


def key() -> None:
    """Makes a key, and says where it is."""
    file = Path(os.environ[KEY_FILE])
    print(f"{make_key(file)} is in {RULES}, the key in {file}: commit the first, never the second")


def rotate(file: Path) -> None:
    """Encrypts a file with a new data key, for those that `.sops.yaml` lists now."""
    check_encrypted(file)
    sops.run("updatekeys", "--yes", str(file))
    sops.run("rotate", "--in-place", str(file))
    print(f"{file} has a new data key, for the recipients in {RULES}")


if __name__ == "__main__":
    main()
