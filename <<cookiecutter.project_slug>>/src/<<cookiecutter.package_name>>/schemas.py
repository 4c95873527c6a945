"""The types of the contract's schemas, written by `make contract`: edit openapi.yaml instead."""

from typing import NotRequired, TypedDict


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
