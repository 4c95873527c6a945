"""What can go wrong in the domain; app.py says which HTTP status each error becomes."""


class DomainError(Exception):
    """A refusal whose message is meant for the client."""


class NotFoundError(DomainError):
    """The thing asked for does not exist."""


class ConflictError(DomainError):
    """The change contradicts what is already stored."""
<% if cookiecutter.http_client %>


class InvalidAnswerError(DomainError):
    """Another service has given an answer that cannot be used."""
<% endif %>
