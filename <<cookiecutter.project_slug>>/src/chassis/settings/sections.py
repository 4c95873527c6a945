"""The settings that every service has, in sections."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Section(BaseModel):
    """A group of keys; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def check_address(value: str) -> str:
    """Returns an address with its port.

    Raises:
        ValueError: the value is not an address with a port.
    """
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("not an address and a port, such as 0.0.0.0:8080")
    return value


class ServerSettings(Section):
    """How gunicorn serves; https://docs.gunicorn.org/en/stable/settings.html"""

    bind: str = Field("0.0.0.0:8080", description="Address and port of the API")
    worker_connections: int = Field(1000, ge=1, description="Connections a worker serves at once")
    backlog: int = Field(2048, ge=1, description="Connections that wait to be accepted")
    timeout: int = Field(30, ge=1, description="Seconds until a silent worker is replaced")
    keep_alive: int = Field(5, ge=1, description="Seconds an idle connection is kept")
    limit_request_line: int = Field(
        4094, ge=1, le=8190, description="Longest first line of a request, in bytes"
    )
    limit_request_fields: int = Field(100, ge=1, le=32768, description="Most headers of a request")
    limit_request_field_size: int = Field(
        8190, ge=1, le=65536, description="Longest header of a request, in bytes"
    )
    drain_delay: int = Field(
        5, ge=0, description="Seconds of service after SIGTERM, with /readyz answering 503"
    )
    grace_period: int = Field(
        20, ge=1, description="Seconds that requests in flight then get to finish"
    )

    @field_validator("bind")
    @classmethod
    def _is_address_and_port(cls, value: str) -> str:
        return check_address(value)


class ApiSettings(Section):
    """What the API accepts and shows."""

    swagger_ui: bool = Field(True, description="Serve Swagger UI at /ui/")
    proxies: int = Field(0, ge=0, description="Trusted proxies in front, which set X-Forwarded-*")
    max_body_bytes: int = Field(1_048_576, ge=1, description="Largest request body, in bytes")
    body_timeout: float = Field(30.0, gt=0, description="Seconds a client gets to send a body")


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe level that is logged"
    )
    format: Literal["json", "console"] = Field(
        "json", description="One JSON object a line, or text for people"
    )
