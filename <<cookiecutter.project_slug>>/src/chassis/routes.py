"""The route of a request, by the name that the contract gives it."""

import re
from functools import cache

from flask import request

__all__ = ["path_template"]


def path_template() -> str | None:
    """Returns the path of the current request as the contract writes it: /v1/things/{identifier}.

    None if the path does not exist, or not with this method.
    """
    return _as_in_the_contract(request.url_rule.rule) if request.url_rule else None


@cache
def _as_in_the_contract(rule: str) -> str:
    return re.sub(r"<(?:[^<>:]+:)?([^<>]+)>", r"{\1}", rule)
