"""The options of a client and of a single call."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypedDict

from benchwire.secret import Secret

if TYPE_CHECKING:
    import httpx

    from benchwire.events import Hooks

OnError = Literal["raise", "none"]
"""Whether a failed request raises or returns ``None``."""


Verify = str | os.PathLike[str] | ssl.SSLContext | None
"""What verifies certificates: a file or directory of those to trust, or a context."""

ExtraHeaders = Mapping[str, str | Secret]
"""Headers of a call, beside those of the SDK."""


class CallOptions(TypedDict, total=False):
    """What every call takes in addition to its own arguments; by default the client's settings.

    Attributes:
        timeout: Seconds each attempt may take, or an ``httpx.Timeout`` with its parts.
        deadline: Seconds the whole call may take: its attempts and the pauses between them.
        max_retries: The maximum number of retries.
        extra_headers: More headers for each request, such as those of a gateway: not the key's, nor
            one that belongs to the connection or the body. A `Secret` is redacted in errors.
    """

    timeout: float | httpx.Timeout | None
    deadline: float | None
    max_retries: int | None
    extra_headers: ExtraHeaders | None


class CopyOptions(CallOptions, total=False):
    """What a copy of a client may have of its own, as its constructor takes it."""

    api_key: str | Secret | None
    base_url: str | httpx.URL | None
    hooks: Hooks | None
    on_error: OnError | None
