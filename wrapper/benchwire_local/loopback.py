"""Which hosts are this machine's own, reached by nobody else."""

from __future__ import annotations

import ipaddress

LOOPBACK = "localhost, 127.0.0.0/8 or ::1"


def is_loopback(host: str) -> bool:
    """Whether a host is ``localhost`` or an address of loopback.

    Other names are refused rather than resolved: what a name resolves to now need not be what it
    resolves to when it is used.
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
