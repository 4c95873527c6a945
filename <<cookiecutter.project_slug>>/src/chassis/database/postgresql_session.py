"""The parameters of a session that the service relies on, whatever the server, the database or the role sets."""

__all__ = ["PARAMETERS", "as_options"]

PARAMETERS = {
    # psycopg reads dates and intervals in these formats alone.
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    # Numbers are read with all their digits.
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    # Otherwise NULL in an array is a text, and a comparison with NULL is true.
    "array_nulls": "on",
    "transform_null_equals": "off",
    # SQLAlchemy compares unquoted names of types.
    "quote_all_identifiers": "off",
    # With a higher level, a transaction would read old rows, and PostgreSQL would refuse writes.
    "default_transaction_isolation": "read committed",
}
"""The names and the values; https://www.postgresql.org/docs/current/runtime-config-client.html"""


def as_options(parameters: dict[str, str]) -> str:
    """Returns parameters as `options` of a connection.

    https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    """
    escaped = {name: value.replace(" ", "\\ ") for name, value in parameters.items()}
    return " ".join(f"-c {name}={value}" for name, value in escaped.items())
