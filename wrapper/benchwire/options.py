"""The options of a client and of a single call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    import httpx

    from benchwire.events import Hooks
    from benchwire.secret import Secret

OnError = Literal["raise", "none"]
"""Whether a failed request raises or returns ``None``."""


class CallOptions(TypedDict, total=False):
    """What every call takes in addition to its own arguments; by default the client's settings.

    Attributes:
        timeout: Seconds each attempt may take, or an ``httpx.Timeout`` with its parts.
        deadline: Seconds the whole call may take: its attempts and the pauses between them.
        max_retries: The maximum number of retries.
    """

    timeout: float | httpx.Timeout | None
    deadline: float | None
    max_retries: int | None


class CopyOptions(CallOptions, total=False):
    """What a copy of a client may have of its own, as its constructor takes it."""

    api_key: str | Secret | None
    base_url: str | httpx.URL | None
    hooks: Hooks | None
    on_error: OnError | None
