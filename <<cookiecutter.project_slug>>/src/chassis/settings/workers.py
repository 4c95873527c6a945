"""The settings of a server with several workers, for services whose data are not in memory."""

from pydantic import Field

from .sections import ServerSettings

__all__ = ["MultiWorkerServerSettings"]


class MultiWorkerServerSettings(ServerSettings):
    """How gunicorn serves with several workers."""

    workers: int = Field(2, ge=1, description="Worker processes")
    max_requests: int = Field(
        0, ge=0, description="Requests after which a worker is replaced; 0: never"
    )
    max_requests_jitter: int = Field(
        1000,
        ge=0,
        description="Upper limit of random further requests, so that workers end at different times",
    )
