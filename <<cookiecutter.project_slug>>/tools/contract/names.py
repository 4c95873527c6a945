"""Names of functions and modules, made of the names of a contract."""

import keyword
import re
from collections.abc import Container


def function_name(text: str) -> str:
    """Returns a name for a function: the text, if it is one; empty if there is nothing to make it of."""
    if text.isidentifier() and text.isascii() and not keyword.iskeyword(text):
        return text
    return module_name(text)


def module_name(text: str) -> str:
    """Returns a name for a module; empty if there is nothing to make it of."""
    name = words_of(text)
    if name[:1].isdigit():
        name = f"n{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def words_of(text: str) -> str:
    """Returns the words of a text in small letters, joined by underscores."""
    return "_".join(re.findall("[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", text)).lower()


def unique(name: str, taken: Container[str]) -> str:
    """Returns a name that is not taken: with a number behind, if it has to be."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found
