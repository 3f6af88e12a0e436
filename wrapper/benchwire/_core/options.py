"""How calls behave: how long they may take, how often they are repeated, how much they may bring."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from benchwire._core.bodies import DEFAULT_MAX_BODY
from benchwire._core.checks import seconds, whole
from benchwire._core.retrying import DEFAULT_MAX_RETRIES

DEFAULT_TIMEOUT = 600.0
"""Seconds an attempt may take (the reference says 10 minutes)."""
CONNECT_TIMEOUT = 5.0
"""Seconds of them an attempt may take to connect."""

MOST_RETRIES = 100

CALL_OPTIONS = ("timeout", "deadline", "max_retries")
"""What `benchwire.options.CallOptions` names."""


@frozen
class Timeouts:
    """What one attempt may take, in seconds; ``None`` is no limit.

    Attributes:
        total: All of it.
        connect: Connecting.
        read: Waiting for the next bytes.
        write: Waiting until bytes are taken.
        pool: Waiting for a free connection.
    """

    total: float | None
    connect: float | None
    read: float | None
    write: float | None
    pool: float | None


@frozen
class Options:
    """What a client does with every call, checked."""

    timeouts: Timeouts
    deadline: float | None = None
    max_retries: int = DEFAULT_MAX_RETRIES
    max_body: int = DEFAULT_MAX_BODY

    def changed(self, options: Mapping[str, object]) -> Options:
        """Give them with what a call asks for.

        Raises:
            TypeError: If there is no such option.
            ValueError: If a value is out of range.
        """
        if not options:
            return self
        unknown = set(options) - set(CALL_OPTIONS)
        if unknown:
            known = ", ".join(CALL_OPTIONS)
            raise TypeError(f"there is no argument {min(unknown)!r}; there are also {known}")
        timeout, deadline = options.get("timeout"), options.get("deadline")
        max_retries = options.get("max_retries")
        return Options(
            timeouts=self.timeouts if timeout is None else timeouts(timeout),
            deadline=self.deadline if deadline is None else seconds("deadline", deadline),
            max_retries=self.max_retries if max_retries is None else _retries(max_retries),
            max_body=self.max_body,
        )


def options(timeout: object, deadline: object, max_retries: object, max_body: object) -> Options:
    """Check the options of a client; ``None`` stands for a default."""
    return Options(
        timeouts=timeouts(timeout),
        deadline=None if deadline is None else seconds("deadline", deadline),
        max_retries=DEFAULT_MAX_RETRIES if max_retries is None else _retries(max_retries),
        max_body=DEFAULT_MAX_BODY
        if max_body is None
        else whole("max_body", max_body, 1, 2**31 - 1),
    )


def _retries(value: object) -> int:
    return whole("max_retries", value, 0, MOST_RETRIES)


def timeouts(value: object) -> Timeouts:
    """Check a timeout; ``None`` is the default of 10 minutes.

    A number bounds the attempt as a whole, however many bytes keep dripping in. An
    ``httpx.Timeout`` bounds each of its parts, as it does in httpx.
    """
    parts = getattr(value, "as_dict", None)
    if parts is not None:
        return Timeouts(total=None, **parts())
    total = DEFAULT_TIMEOUT if value is None else seconds("timeout", value)
    connect = min(CONNECT_TIMEOUT, total)
    return Timeouts(total=total, connect=connect, read=total, write=total, pool=total)
