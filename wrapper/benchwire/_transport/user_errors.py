"""Distinguishes exceptions that a program's own code raised from errors of the network.

A signal handler raises wherever the main thread is: an alarm's ``TimeoutError`` looks like a timeout
of the socket it interrupted. The frame that raised it is what differs.
"""

from __future__ import annotations

_LIBRARIES = frozenset(
    {"asyncio", "benchwire", "httpcore", "httpx", "selectors", "socket", "ssl"}
    | {"encodings", "eventlet", "gevent", "uvloop"}
)
"""The packages in which an error of the network is raised."""


def was_raised_by_library(error: BaseException) -> bool:
    """Return whether an exception was raised by the code that talks to the network."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None:
        return True
    return str(place.tb_frame.f_globals.get("__name__")).partition(".")[0] in _LIBRARIES


def mapped_user_error(error: BaseException | None) -> BaseException | None:
    """Return the exception of a signal handler that httpcore mapped to this one, or ``None``."""
    while error is not None:
        cause = error.__cause__
        is_mapped = type(error).__module__.startswith("httpcore")
        if is_mapped and isinstance(cause, OSError) and not was_raised_by_library(cause):
            return cause
        error = cause
    return None
