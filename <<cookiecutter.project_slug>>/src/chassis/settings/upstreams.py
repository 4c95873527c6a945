"""The settings of calls to other services."""

from pydantic import Field, field_validator

from .sections import ApiSettings, Section
from .sources import fault

__all__ = ["CallingApiSettings", "UpstreamSettings", "check_faults"]


class CallingApiSettings(ApiSettings):
    """What an API that calls other services accepts and shows."""

    deadline: float = Field(10.0, gt=0, description="Seconds until a request gives up its calls")


class UpstreamSettings(Section):
    """A service that is called."""

    url: str = Field(description="URL of the service")
    connect_timeout: float = Field(0.5, gt=0, description="Seconds to wait for a connection")
    read_timeout: float = Field(2.0, gt=0, description="Seconds to wait for an answer")
    timeout: float = Field(5.0, gt=0, description="Seconds for a call with all its retries")
    max_answer_bytes: int = Field(
        4_194_304, ge=1, description="Largest body of an answer, in bytes, decompressed"
    )
    retries: int = Field(2, ge=0, description="Largest number of retries of a call")
    max_calls: int = Field(20, ge=1, description="Calls that a worker makes at the same time")
    failures: int = Field(5, ge=1, description="Failures in a row that open the circuit")
    reset_after: float = Field(10.0, gt=0, description="Seconds until an open circuit is tried")
    fault_latency: float = Field(0.0, ge=0, description="Seconds by which calls are delayed")
    fault_errors: float = Field(0.0, ge=0, le=1, description="Share of calls that get a 500")
    fault_refusals: float = Field(0.0, ge=0, le=1, description="Share of calls that are refused")

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("has to begin with http:// or https://")
        return value

    @property
    def has_faults(self) -> bool:
        """Whether faults are injected."""
        return bool(self.fault_latency or self.fault_errors or self.fault_refusals)


def check_faults(environment: str, upstreams: Section) -> None:
    """Refuses injected faults in production.

    Args:
        environment: the environment of the service.
        upstreams: the settings of the upstreams, by name.

    Raises:
        ConfigurationError: faults are injected.
    """
    for name, upstream in upstreams:
        for key, value in upstream:
            if key.startswith("fault_") and value and environment == "production":
                message = "injected faults are for development only"
                raise fault(("upstreams", name, key), message)
