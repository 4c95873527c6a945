"""The settings of the Jaeger client."""

from pydantic import Field

from .sections import Section

__all__ = ["TracingSettings"]


class TracingSettings(Section):
    """The spans that Jaeger gets; https://www.jaegertracing.io/docs/latest/"""

    enabled: bool = Field(True, description="Make spans and send them")
    agent_host: str = Field("localhost", description="Host of the agent or collector")
    agent_port: int = Field(
        6831,
        ge=1,
        le=65535,
        description="UDP port of the agent, for Thrift in the compact protocol",
    )
    sample_rate: float = Field(
        1.0, ge=0, le=1, description="Share of the new traces that is sampled"
    )
