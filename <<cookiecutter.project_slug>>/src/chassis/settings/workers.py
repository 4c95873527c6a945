"""The settings of a server with several workers: what they store is not in their memory."""

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
        1000, ge=0, description="Up to so many more, by chance, so that not all go at once"
    )
