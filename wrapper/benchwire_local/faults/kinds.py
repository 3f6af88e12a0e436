"""Every fault by name, with its parameters: what a plan may say."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LIST_LAG: Final = "list_lag"


@dataclass(frozen=True, slots=True)
class FaultParameter:
    """A parameter of a fault.

    Args:
        allowed: What it may be, in words.
        fits: Whether a value is that.
        default: What it is if it is left out; of a required one there is none.
        required: Whether it must be given.
    """

    allowed: str
    fits: Callable[[Any], bool]
    default: Any = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A fault: what it does, in a sentence, and its parameters by name."""

    description: str
    parameters: dict[str, FaultParameter]


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _header_value(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isprintable()
    return _seconds(value)


_STATUS = FaultParameter("a status from 400 to 599", _whole(400, 599), required=True)
_RETRY_AFTER = FaultParameter("a number of seconds or a text of printable ASCII", _header_value)
_SECONDS = FaultParameter("a number of seconds, 0 or more", _seconds, required=True)
_STATUSES = {"status": _STATUS, "retry_after": _RETRY_AFTER}
_BYTES = "a whole number of bytes from {} to 1000000"

FAULTS: Final[dict[str, FaultKind]] = {
    "status_before": FaultKind("Answers with the status; nothing is executed.", _STATUSES),
    "status_after": FaultKind("Executes, then answers with the status instead.", _STATUSES),
    "reset_before": FaultKind("Resets the connection; nothing is executed.", {}),
    "reset_after": FaultKind("Executes, then resets the connection; no byte is answered.", {}),
    "close_before": FaultKind("Closes the connection; nothing is executed.", {}),
    "close_after": FaultKind("Executes, then closes the connection; no byte is answered.", {}),
    "garbage_before": FaultKind("Answers bytes that are not HTTP; nothing is executed.", {}),
    "garbage_after": FaultKind("Executes, then answers bytes that are not HTTP.", {}),
    "truncate": FaultKind(
        "Executes, sends `bytes` of the body (by default half of it) and closes the connection.",
        {"bytes": FaultParameter(_BYTES.format(0), _whole(0, 1_000_000))},
    ),
    "delay_before": FaultKind(
        "Waits, then executes and answers, even if the client has gone by then.",
        {"seconds": _SECONDS},
    ),
    "delay_after": FaultKind("Executes, waits, then answers.", {"seconds": _SECONDS}),
    "drip": FaultKind(
        "Executes, then sends the body `bytes` at a time, with a pause of `interval` seconds.",
        {
            "interval": _SECONDS,
            "bytes": FaultParameter(_BYTES.format(1), _whole(1, 1_000_000), default=1),
        },
    ),
    "close_after_answer": FaultKind(
        "Executes and answers, then closes the connection without having said so.", {}
    ),
    "stale": FaultKind(
        "Executes and answers; the next request on the same connection is reset, unread.", {}
    ),
    LIST_LAG: FaultKind(
        "The job list and the job by its id don't know the jobs of the last `seconds` yet.",
        {"seconds": _SECONDS},
    ),
}
