"""Loopback addresses, and listening on them."""

from __future__ import annotations

import ipaddress
import os
import socket

LOOPBACK = "localhost, 127.0.0.0/8 or ::1"
# The most connections that wait to be accepted.
BACKLOG = 128


def is_loopback(host: str) -> bool:
    """Return whether a host is ``localhost`` or a loopback address.

    Other names are rejected rather than resolved: a name may resolve to another address later.
    """
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    # By the address in it, which ipaddress.is_loopback disregards in some versions of Python.
    mapped = getattr(address, "ipv4_mapped", None) or address
    return mapped.is_loopback and "%" not in host


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
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
