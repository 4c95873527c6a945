"""The contract: routes of an OpenAPI document, what requests have to keep to, and how errors are told."""

from .api import check_contract, check_routes, documents, init_app
from .conversion import reader
from .document import ContractError
from .document import read as read_contract
from .examples import (
    MissingExampleError,
    collections,
    example_body,
    example_faults,
    numbered_texts,
    references,
)
from .idempotency import Answer, Entry, Keys, Lease
from .injection import Configuration
from .injection import init_app as init_injection
from .operation import named as operation_named
from .operation import needs_credentials
from .problems import init_app as init_problems
from .problems import problem
from .serialization import dump
from .serialization import init_app as init_serialization
from .swagger_ui import init_app as init_swagger_ui

__all__ = [
    "Answer",
    "Configuration",
    "ContractError",
    "Entry",
    "Keys",
    "Lease",
    "MissingExampleError",
    "check_contract",
    "check_routes",
    "collections",
    "documents",
    "dump",
    "example_body",
    "example_faults",
    "init_app",
    "init_injection",
    "init_problems",
    "init_serialization",
    "init_swagger_ui",
    "needs_credentials",
    "numbered_texts",
    "operation_named",
    "problem",
    "read_contract",
    "reader",
    "references",
]
