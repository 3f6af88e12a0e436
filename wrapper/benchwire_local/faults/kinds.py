"""The faults by name, with their parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LIST_LAG: Final = "list_lag"
_MOST_SECONDS: Final = 10**9


@dataclass(frozen=True, slots=True)
class FaultParameter:
    """A parameter of a fault.

    Args:
        allowed: A description of the allowed values.
        is_valid: Returns whether a value is allowed.
        default: The value if it is omitted.
        required: Whether it must be given.
    """

    allowed: str
    is_valid: Callable[[Any], bool]
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: a description in one sentence, and its parameters by name."""

    description: str
    parameters: dict[str, FaultParameter]


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= _MOST_SECONDS


def _header_value(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isprintable()
    return _seconds(value)


_STATUS = FaultParameter("a status from 400 to 599", _whole(400, 599), required=True)
_RETRY_AFTER = FaultParameter("a number of seconds or a text of printable ASCII", _header_value)
_SECONDS = FaultParameter(
    f"a number of seconds up to {_MOST_SECONDS}, 0 or more", _seconds, required=True
)
_STATUSES = {"status": _STATUS, "retry_after": _RETRY_AFTER}
_BYTES = "a whole number of bytes from {} to 1000000"

FAULTS: Final[dict[str, FaultKind]] = {
    "status_before": FaultKind("Responds with the status; nothing is executed.", _STATUSES),
    "status_after": FaultKind("Executes, then responds with the status instead.", _STATUSES),
    "reset_before": FaultKind("Resets the connection; nothing is executed.", {}),
    "reset_after": FaultKind("Executes, then resets the connection; no byte is sent.", {}),
    "close_before": FaultKind("Closes the connection; nothing is executed.", {}),
    "close_after": FaultKind("Executes, then closes the connection; no byte is sent.", {}),
    "garbage_before": FaultKind("Sends bytes that are not HTTP; nothing is executed.", {}),
    "garbage_after": FaultKind("Executes, then sends bytes that are not HTTP.", {}),
    "truncate": FaultKind(
        "Executes, sends `bytes` of the body (by default half of it) and closes the connection.",
        {"bytes": FaultParameter(_BYTES.format(0), _whole(0, 1_000_000))},
    ),
    "delay_before": FaultKind(
        "Waits, then executes and responds, even if the client has disconnected.",
        {"seconds": _SECONDS},
    ),
    "delay_after": FaultKind("Executes, waits, then responds.", {"seconds": _SECONDS}),
    "drip": FaultKind(
        "Executes, then sends the body `bytes` at a time, with a pause of `interval` seconds.",
        {
            "interval": _SECONDS,
            "bytes": FaultParameter(_BYTES.format(1), _whole(1, 1_000_000), default=1),
        },
    ),
    "close_after_answer": FaultKind(
        "Executes and responds, then closes the connection unannounced.", {}
    ),
    "stale": FaultKind(
        "Executes and responds; the next request on the same connection is reset, unread.", {}
    ),
    LIST_LAG: FaultKind(
        "`listJobs` and `getJob` omit the jobs of the last `seconds`.",
        {"seconds": _SECONDS},
    ),
}
