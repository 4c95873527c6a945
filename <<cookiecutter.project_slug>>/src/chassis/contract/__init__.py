"""The contract: routes of an OpenAPI document, what requests have to keep to, and how errors are told."""

from .api import check_routes, documents, init_app
from .conversion import reader
from .document import ContractError
from .document import read as read_contract
from .examples import collections, example_body, example_faults, numbered_texts, references
from .injection import Configuration
from .injection import init_app as init_injection
from .problems import init_app as init_problems
from .problems import problem
from .serialization import dump
from .serialization import init_app as init_serialization
from .swagger_ui import init_app as init_swagger_ui

__all__ = [
    "Configuration",
    "ContractError",
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
    "numbered_texts",
    "problem",
    "read_contract",
    "reader",
    "references",
]
