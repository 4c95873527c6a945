"""Types and formats: which of two schemas takes more of them."""

from .nodes import Node

Type = tuple[str, str | None]

# They say how a number is stored or shown, and nothing about which one it is.
_WITHOUT_MEANING = {"float", "double", "password"}
_SCALARS = {"string", "integer", "number", "boolean"}


def takes_types(node: Node, other: Node, *, as_text: bool) -> bool:
    """Returns whether a schema takes values of all types that another one takes.

    Args:
        node: the schema.
        other: the other one.
        as_text: whether values are sent as text, so that a number is a text, too.
    """
    return all(any(_takes(one, given, as_text) for given in other.types) for one in node.types)


def _takes(wanted: Type, given: Type, as_text: bool) -> bool:
    (kind, form), (given_kind, given_form) = map(_with_meaning, (wanted, given))
    is_included = (
        kind == given_kind
        or (kind, given_kind) == ("number", "integer")
        or (as_text and kind == "string" and given_kind in _SCALARS)
    )
    is_same_form = form is None or form == given_form or (given_form, form) == ("int32", "int64")
    return is_included and is_same_form


def _with_meaning(kind: Type) -> Type:
    name, form = kind
    return name, None if form in _WITHOUT_MEANING else form


def names(node: Node) -> str:
    """Returns the types as a text."""
    found = [f"{kind} ({form})" if form else kind for kind, form in sorted(node.types, key=str)]
    return " and ".join(found) or "any value"
