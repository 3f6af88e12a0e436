"""A server in a process of its own that sends canned pages of prompts, after a latency.

The path begins with the latency in milliseconds: ``/20/datasets/b/prompts?page=2&page_size=500``.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import orjson
from scripts.bench.pages import prompts

PROMPTS = int(sys.argv[1]) if __name__ == "__main__" else 10_000
_REQUEST = re.compile(rb"GET /(\d+)/\S*?(?:[?&]page=(\d+))?(?:&page_size=(\d+))? HTTP")


@cache
def _response(page: int, size: int) -> bytes:
    rows = prompts(range((page - 1) * size, min(page * size, PROMPTS)))
    body = orjson.dumps({"status": "success", "data": {"prompts": rows, "count": PROMPTS}})
    head = (
        f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            match = _REQUEST.match(self._received)
            assert match is not None, self._received  # noqa: S101
            self._received = b""
            latency, page, size = (int(each or 1) for each in match.groups())
            content = _response(page, size)
            asyncio.get_running_loop().call_later(latency / 1e3, self._transport.write, content)


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serving() -> Iterator[str]:
    """Yield the URL of a server."""
    command = [sys.executable, "-m", "scripts.bench.canned", str(PROMPTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None  # noqa: S101
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    asyncio.run(_serve())
