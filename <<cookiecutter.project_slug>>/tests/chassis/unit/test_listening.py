"""Listening: what keeps the service from an address is told with the setting that has it."""

import errno
import socket

import pytest

from chassis.server import listening
from chassis.start import StartError


def test_a_taken_port_is_told_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = other.getsockname()
        with pytest.raises(StartError) as caught:
            listening.check("server.bind", address)
    assert str(caught.value) == (
        f"server.bind: cannot listen on 127.0.0.1:{address[1]}: address already in use;"
        " stop the other process or set APP_SERVER__BIND"
    )
    listening.check("server.bind", address)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EACCES, ""), "permission denied; set APP_SERVER__BIND to a port above 1023"),
        (
            OSError(errno.EADDRNOTAVAIL, ""),
            "this machine does not have the address; set APP_SERVER__BIND",
        ),
        (
            socket.gaierror(socket.EAI_NONAME, ""),
            "the name cannot be resolved; set APP_SERVER__BIND",
        ),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files; set APP_SERVER__BIND"),
    ],
)
def test_each_reason_has_its_words(error: OSError, words: str) -> None:
    line = listening.fault("server.bind", "[::1]:80", error)
    assert line == f"server.bind: cannot listen on [::1]:80: {words}"


def test_an_address_of_ipv6_is_told_as_it_is_set() -> None:
    with pytest.raises(StartError, match=r"cannot listen on \[2001:db8::1\]:0: "):
        listening.check("server.bind", ("2001:db8::1", 0))
