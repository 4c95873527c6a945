"""The settings of calls to other services."""

from pydantic import Field, field_validator

from .sections import ApiSettings, Section
from .sources import fault

__all__ = ["CallingApiSettings", "UpstreamSettings", "check_faults"]


class CallingApiSettings(ApiSettings):
    """What an API that calls others accepts and shows."""

    deadline: float = Field(10.0, gt=0, description="Seconds until a request gives up its calls")


class UpstreamSettings(Section):
    """A service that this one calls."""

    url: str = Field(description="Where it is, by its name")
    connect_timeout: float = Field(0.5, gt=0, description="Seconds to wait for a connection")
    read_timeout: float = Field(2.0, gt=0, description="Seconds to wait for an answer")
    timeout: float = Field(5.0, gt=0, description="Seconds for a call with all its retries")
    max_answer_bytes: int = Field(
        4_194_304, ge=1, description="Largest body of an answer, in bytes, decompressed"
    )
    retries: int = Field(2, ge=0, description="How often a call is repeated at most")
    max_calls: int = Field(20, ge=1, description="Calls that a worker makes at the same time")
    failures: int = Field(5, ge=1, description="Failures in a row that open the circuit")
    reset_after: float = Field(10.0, gt=0, description="Seconds until an open circuit is tried")
    fault_latency: float = Field(0.0, ge=0, description="Seconds that calls are held up")
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
        """Whether there are faults on purpose."""
        return bool(self.fault_latency or self.fault_errors or self.fault_refusals)


def check_faults(environment: str, upstreams: Section) -> None:
    """Refuses faults on purpose in production.

    Args:
        environment: where the service runs.
        upstreams: the services that it calls, each under its name.

    Raises:
        ConfigurationError: there are some.
    """
    for name, upstream in upstreams:
        for key, value in upstream:
            if key.startswith("fault_") and value and environment == "production":
                message = "faults on purpose are for development only"
                raise fault(("upstreams", name, key), message)
