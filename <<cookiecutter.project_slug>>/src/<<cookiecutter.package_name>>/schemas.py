"""The types of the contract's schemas, written by `make contract`: edit openapi.yaml instead."""

from datetime import datetime
from typing import Literal, NotRequired, TypeAlias, TypedDict
from uuid import UUID

<< cookiecutter.__resource_class >>NameField: TypeAlias = str


<< cookiecutter.__resource_class >>CategoryField: TypeAlias = str


<< cookiecutter.__resource_class >>DescriptionField: TypeAlias = str | None


<< cookiecutter.__resource_class >>PriorityField: TypeAlias = int


class << cookiecutter.__resource_class >>Fields(TypedDict):
    name: str
    category: str
    description: NotRequired[str | None]
    priority: NotRequired[int]


class << cookiecutter.__resource_class >>Changes(TypedDict):
    name: NotRequired[str]
    category: NotRequired[str]
    description: NotRequired[str | None]
    priority: NotRequired[int]


class Error(TypedDict):
    location: Literal["body", "query", "path", "header", "cookie"]
    pointer: str
    detail: str


class Problem(TypedDict):
    type: str
    title: str
    status: int
    detail: NotRequired[str]
    instance: NotRequired[str]
    trace: NotRequired[str]
    errors: NotRequired[list[Error]]


class << cookiecutter.__resource_class >>(TypedDict):
    id: UUID
    name: str
    category: str
    description: str | None
    priority: int
    created_at: datetime
    updated_at: datetime


class << cookiecutter.__resource_class >>Page(TypedDict):
    items: list[<< cookiecutter.__resource_class >>]
    next_cursor: str | None
