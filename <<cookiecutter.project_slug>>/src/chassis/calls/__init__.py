"""What every call to another service has: a deadline, retries within a budget, a circuit breaker."""

from .answers import AnswerTooLargeError
from .call import Call
from .circuit_breaker import CircuitBreaker
from .deadlines import HEADER as DEADLINE_HEADER
from .deadlines import init_app as init_deadlines
from .deadlines import remaining
from .fault_injection import FaultyAdapter
from .retries import Budget, RetryingAdapter

__all__ = [
    "DEADLINE_HEADER",
    "AnswerTooLargeError",
    "Budget",
    "Call",
    "CircuitBreaker",
    "FaultyAdapter",
    "RetryingAdapter",
    "init_deadlines",
    "remaining",
]
