"""Every fault by name, with its parameters: what a plan may say."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

LIST_LAG: Final = "list_lag"


@dataclass(frozen=True, slots=True)
class Parameter:
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
class Fault:
    """A fault: what it does, in a sentence, and its parameters by name."""

    does: str
    parameters: dict[str, Parameter]


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and value >= 0


def _header_value(value: Any) -> bool:
    if isinstance(value, str):
        return value.isascii() and value.isprintable()
    return _seconds(value)


_STATUS = Parameter("a status from 400 to 599", _whole(400, 599), required=True)
_RETRY_AFTER = Parameter("a number of seconds or a text of printable ASCII", _header_value)
_SECONDS = Parameter("a number of seconds, 0 or more", _seconds, required=True)
_STATUSES = {"status": _STATUS, "retry_after": _RETRY_AFTER}
_BYTES = "a whole number of bytes from {} to 1000000"

FAULTS: Final[dict[str, Fault]] = {
    "status_before": Fault("Answers with the status; nothing is executed.", _STATUSES),
    "status_after": Fault("Executes, then answers with the status instead.", _STATUSES),
    "reset_before": Fault("Resets the connection; nothing is executed.", {}),
    "reset_after": Fault("Executes, then resets the connection; no byte is answered.", {}),
    "close_before": Fault("Closes the connection; nothing is executed.", {}),
    "close_after": Fault("Executes, then closes the connection; no byte is answered.", {}),
    "garbage_before": Fault("Answers bytes that are not HTTP; nothing is executed.", {}),
    "garbage_after": Fault("Executes, then answers bytes that are not HTTP.", {}),
    "truncate": Fault(
        "Executes, sends `bytes` of the body (by default half of it) and closes the connection.",
        {"bytes": Parameter(_BYTES.format(0), _whole(0, 1_000_000))},
    ),
    "delay_before": Fault(
        "Waits, then executes and answers, even if the client has gone by then.",
        {"seconds": _SECONDS},
    ),
    "delay_after": Fault("Executes, waits, then answers.", {"seconds": _SECONDS}),
    "drip": Fault(
        "Executes, then sends the body `bytes` at a time, with a pause of `interval` seconds.",
        {
            "interval": _SECONDS,
            "bytes": Parameter(_BYTES.format(1), _whole(1, 1_000_000), default=1),
        },
    ),
    "close_after_answer": Fault(
        "Executes and answers, then closes the connection without having said so.", {}
    ),
    "stale": Fault(
        "Executes and answers; the next request on the same connection is reset, unread.", {}
    ),
    LIST_LAG: Fault(
        "The job list and the job by its id don't know the jobs of the last `seconds` yet.",
        {"seconds": _SECONDS},
    ),
}
