"""What the fuzz does to its requests: https://schemathesis.readthedocs.io/en/stable/guides/extending/"""

from typing import Any
from uuid import uuid4

import schemathesis


@schemathesis.hook
def before_call(context: Any, case: Any, **options: Any) -> None:
    """Gives each valid request with an Idempotency-Key one of its own: a repeated one would get the answer to another."""
    if case.meta is None or case.meta.generation.mode.is_positive:
        for name in case.headers or {}:
            if name.lower() == "idempotency-key":
                case.headers[name] = str(uuid4())
