"""What is made of the schemas of a document, shared by its operations: each schema is compiled once."""

from collections.abc import Mapping
from typing import Any

from .conversion import Reader
from .projection import Writer
from .schemas import Schemas
from .texts import TextReader


class Compilers:
    """The compilers of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Compiles nothing yet.

        Args:
            document: as it is written; its references stay within it.
        """
        self.schemas = Schemas(document)
        self.texts = TextReader(self.schemas)
        self.reader = Reader(self.schemas)
        self.exact_reader = Reader(self.schemas, exact=True)
        self.writer = Writer(self.schemas)
