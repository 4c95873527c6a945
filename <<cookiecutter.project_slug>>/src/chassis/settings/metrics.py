"""The settings of the metrics."""

from pydantic import Field, field_validator

from .sections import Section, check_address

__all__ = ["MetricsSettings"]


class MetricsSettings(Section):
    """Where the metrics are served."""

    bind: str = Field(
        "0.0.0.0:8081", description="Address and port of the metrics; empty: those of the API"
    )

    @field_validator("bind")
    @classmethod
    def _is_empty_or_address_and_port(cls, value: str) -> str:
        return value and check_address(value)
