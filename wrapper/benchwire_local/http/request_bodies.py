"""Reading of request bodies up to a limit, so that no request can exhaust the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_BODY_BYTES = 1024 * 1024


class BodyTooLargeError(Exception):
    """A body is larger than the limit."""

    def __init__(self) -> None:
        super().__init__(f"The body is larger than the limit of {MAX_BODY_BYTES} bytes.")


async def read_bounded(request: Request) -> bytes:
    """Return the whole body of a request.

    Raises:
        BodyTooLargeError: The declared or the received size exceeds the limit.
        ClientDisconnect: The client disconnected before the end of the body.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise BodyTooLargeError
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise BodyTooLargeError
    return bytes(content)
