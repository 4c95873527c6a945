"""The answer to a call: read to its end, but not beyond a limit."""

from contextlib import suppress
from http.client import HTTPException

from requests import RequestException, Response
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

PIECE_BYTES = 65_536


class AnswerTooLargeError(RequestException):
    """The body of an answer is larger than it may be."""


def read(response: Response, most: int) -> None:
    """Reads the body of an answer into memory.

    Args:
        response: an answer whose body has not been read.
        most: bytes that the body may have when it is decompressed.

    Raises:
        AnswerTooLargeError: there are more; the connection is closed.
    """
    pieces, size = [], 0
    for piece in response.iter_content(PIECE_BYTES):
        size += len(piece)
        if size > most:
            response.raw.close()
            raise AnswerTooLargeError(response=response)
        pieces.append(piece)
    response._content = b"".join(pieces)


def drop(response: BaseHTTPResponse) -> None:
    """Passes over the body of an answer, or closes the connection if the body is long or broken."""
    # urllib3 would read it whole.
    with suppress(HTTPError, HTTPException, OSError):
        if len(response.read(PIECE_BYTES, decode_content=False)) < PIECE_BYTES:
            return
    response.close()
