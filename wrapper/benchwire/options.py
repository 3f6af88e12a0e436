"""What every call takes beside its own arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import httpx


class CallOptions(TypedDict, total=False):
    """What every call takes beside its own arguments; what is left out is as the client has it.

    Attributes:
        timeout: Seconds each attempt may take, or an ``httpx.Timeout`` with its parts.
        deadline: Seconds the whole call may take: its attempts and the pauses between them.
        max_retries: How often a request may be repeated.
    """

    timeout: float | httpx.Timeout | None
    deadline: float | None
    max_retries: int | None
