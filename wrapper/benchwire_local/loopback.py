"""Loopback addresses, and listening on them."""

from __future__ import annotations

import ipaddress
import os
import socket

LOOPBACK = "localhost, 127.0.0.0/8 or ::1"


def is_loopback(host: str) -> bool:
    """Return whether a host is ``localhost`` or a loopback address.

    Other names are rejected rather than resolved: a name may resolve to another address later.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address; raise OSError if it can't."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    family, kind, protocol, _, address = found[0]
    # asyncio disables Nagle's algorithm only if the protocol is set. socket.create_server() does
    # not set it, and every response then takes 40 ms longer.
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # elsewhere it would allow two servers on one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # Listen at once: a second server could also take a port that is only bound.
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener
