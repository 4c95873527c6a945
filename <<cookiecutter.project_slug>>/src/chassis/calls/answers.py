"""The answer to a call: its body is read up to a limit."""

from contextlib import suppress
from http.client import HTTPException

from requests import RequestException, Response
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

PIECE_BYTES = 65_536


class AnswerTooLargeError(RequestException):
    """The body of an answer is larger than the limit."""


def read(response: Response, max_bytes: int) -> None:
    """Reads the body of an answer into memory.

    Args:
        response: an answer whose body has not been read.
        max_bytes: the largest size of the decompressed body.

    Raises:
        AnswerTooLargeError: the body is larger; the connection is closed.
    """
    pieces, size = [], 0
    for piece in response.iter_content(PIECE_BYTES):
        size += len(piece)
        if size > max_bytes:
            response.raw.close()
            raise AnswerTooLargeError(response=response)
        pieces.append(piece)
    response._content = b"".join(pieces)


def discard(response: BaseHTTPResponse) -> None:
    """Discards the body of an answer, or closes the connection if the body is long or broken."""
    # urllib3 would read the whole body.
    with suppress(HTTPError, HTTPException, OSError):
        if len(response.read(PIECE_BYTES, decode_content=False)) < PIECE_BYTES:
            return
    response.close()
