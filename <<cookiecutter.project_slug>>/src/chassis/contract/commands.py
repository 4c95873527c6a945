"""Commands that show what the contract has."""

from pathlib import Path

import click

from ..start import StartError
from .document import read
from .examples import example_body
from .serialization import dump

__all__ = ["example_command"]


def example_command(document: Path) -> click.Command:
    """Returns the command `example`, which prints the example body of an operation of a document."""

    @click.command("example")
    @click.argument("operation")
    def example(operation: str) -> None:
        """Print the example of an operation's body, as the contract has it."""
        try:
            body = example_body(read(document), operation)
        except StartError as error:
            raise click.ClickException(f"contract: {document}: {error}") from None
        except (LookupError, ValueError) as error:
            raise click.ClickException(str(error.args[0])) from None
        click.echo(dump(body))

    return example
