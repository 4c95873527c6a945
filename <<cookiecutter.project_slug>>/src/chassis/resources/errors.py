"""What can go wrong in a domain; the messages are meant for the client."""


class DomainError(Exception):
    """A refusal by a rule."""


class NotFoundError(DomainError):
    """What is asked for does not exist."""


class ConflictError(DomainError):
    """A change contradicts what is stored."""
