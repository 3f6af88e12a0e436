"""Reading of request bodies, limited in size and time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY_BYTES = 1024 * 1024
MAX_BODY_SECONDS = 30.0


class BodyLimitError(Exception):
    """A body exceeds a limit; the message has it."""


async def read_bounded(request: Request) -> bytes:
    """Return the whole body of a request.

    Raises:
        BodyLimitError: The declared or the received size, or the time, exceeds its limit.
        ClientDisconnect: The client disconnected before the end of the body.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    content = bytearray()
    try:
        async with asyncio.timeout(MAX_BODY_SECONDS):
            async for chunk in request.stream():
                content += chunk
                if len(content) > MAX_BODY_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise BodyLimitError(
            f"The body did not arrive within the limit of {MAX_BODY_SECONDS:g} seconds."
        ) from None
    return bytes(content)


def _too_large() -> BodyLimitError:
    return BodyLimitError(f"The body is larger than the limit of {MAX_BODY_BYTES} bytes.")
