"""The settings of the metrics."""

from pydantic import Field, field_validator

from .sections import Section, ServerSettings, check_address
from .sources import fault

__all__ = ["MetricsSettings", "check_addresses"]


class MetricsSettings(Section):
    """Where the metrics are served."""

    bind: str = Field(
        "0.0.0.0:8081", description="Address and port of the metrics; empty: those of the API"
    )

    @field_validator("bind")
    @classmethod
    def _is_empty_or_address_and_port(cls, value: str) -> str:
        return value and check_address(value)


def check_addresses(server: ServerSettings, metrics: MetricsSettings) -> None:
    """Refuses the same port for the API and the metrics.

    Args:
        server: the settings of the API's address.
        metrics: the settings of the metrics' address.

    Raises:
        ConfigurationError: both have the same port, at addresses of which one includes the other.
    """
    host, _, port = server.bind.rpartition(":")
    other_host, _, other_port = metrics.bind.rpartition(":")
    hosts = {host, other_host}
    anywhere = {"0.0.0.0", "[::]"}  # noqa: S104
    if port == other_port != "0" and (len(hosts) == 1 or hosts & anywhere):
        message = "server.bind has the same port; leave this empty to serve the metrics there"
        raise fault(("metrics", "bind"), message)
