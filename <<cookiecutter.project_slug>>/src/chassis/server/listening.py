"""Addresses to listen on: an address that cannot be used is reported at start, with its setting."""

import errno
import os
import socket
from typing import Any

from ..start import StartError

REASONS = {
    errno.EADDRINUSE: "address already in use; stop the other process or set {variable}",
    errno.EACCES: "permission denied; set {variable} to a port above 1023",
    errno.EADDRNOTAVAIL: "this machine does not have the address; set {variable}",
}


def check_server(arbiter: Any) -> None:
    """Tries whether gunicorn can listen on its addresses.

    Args:
        arbiter: the arbiter of gunicorn. Sockets that systemd or an earlier gunicorn passes on are not checked.

    Raises:
        StartError: gunicorn cannot listen on an address.
    """
    if arbiter.master_pid or "LISTEN_FDS" in os.environ:
        return
    for address in arbiter.address:
        if isinstance(address, tuple):
            check("server.bind", address)


def check(key: str, address: tuple[str, int]) -> None:
    """Tries whether a server can listen on an address.

    Args:
        key: the setting of the address.
        address: host and port.

    Raises:
        StartError: no server can listen on it.
    """
    host, port = address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            shown = f"[{host}]:{port}" if family == socket.AF_INET6 else f"{host}:{port}"
            raise StartError(fault(key, shown, error)) from error


def url(address: str) -> str:
    """Returns the URL of an address and its port, as seen from the same machine."""
    host, _, port = address.rpartition(":")
    return f"http://{'localhost' if host == '0.0.0.0' else host}:{port}"  # noqa: S104


def fault(key: str, address: str, error: OSError) -> str:
    """Explains in one line why a server cannot listen on an address, and what to do."""
    variable = f"APP_{key.upper().replace('.', '__')}"
    if isinstance(error, socket.gaierror):
        reason = "the name cannot be resolved; set {variable}"
    else:
        reason = REASONS.get(error.errno or 0, f"{error.strerror}; set {{variable}}")
    return f"{key}: cannot listen on {address}: {reason.format(variable=variable)}"
