"""The faults: each a few lines on what a connection does wrong.

`FAULTS` has them by name. What the SDK is to make of each stands in ``tests/faults/table.py``.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from functools import cache, partial

from support.fault_server import Exchange, Fault, Stage, head, message

MIB = 2**20
ELSEWHERE = "http://127.0.0.2:9/v0/jobs"
"""Where the redirects of the table lead; nobody has to be there."""

FAULTS: dict[str, Fault] = {}

Act = Callable[[Exchange], None]


def fault(name: str, stage: Stage = "request", *, executes: bool = True) -> Callable[[Act], Act]:
    """Register what is decorated as a fault."""

    def register(act: Act) -> Act:
        FAULTS[name] = Fault(name, act, stage, executes)
        return act

    return register


# The connection


@fault("refused", "refuse", executes=False)
def _refused(exchange: Exchange) -> None:
    raise AssertionError("nobody listens, so nothing comes")


@fault("closed-on-accept", "accept", executes=False)
def _closed_on_accept(exchange: Exchange) -> None:
    exchange.end()


@fault("reset-unread", executes=False)
def _reset_unread(exchange: Exchange) -> None:
    exchange.reset()


@fault("closed-after-request")
def _closed_after_request(exchange: Exchange) -> None:
    exchange.honest()
    exchange.end()


@fault("reset-after-request")
def _reset_after_request(exchange: Exchange) -> None:
    exchange.honest()
    exchange.reset()


@fault("reset-in-head")
def _reset_in_head(exchange: Exchange) -> None:
    exchange.send(exchange.honest()[:40])
    exchange.reset()


@fault("reset-in-body")
def _reset_in_body(exchange: Exchange) -> None:
    exchange.send(exchange.honest()[:-5])
    exchange.reset()


@fault("half-closed")
def _half_closed(exchange: Exchange) -> None:
    exchange.honest()
    exchange.connection.shutdown(1)
    exchange.wait()


@fault("half-closed-in-body")
def _half_closed_in_body(exchange: Exchange) -> None:
    exchange.send(exchange.honest()[:-5])
    exchange.connection.shutdown(1)
    exchange.wait()


@fault("stale", "reuse", executes=False)
def _stale(exchange: Exchange) -> None:
    exchange.end()


@fault("closed-when-idle")
def _closed_when_idle(exchange: Exchange) -> None:
    exchange.reply()
    exchange.end()


@fault("early-reply")
def _early_reply(exchange: Exchange) -> None:
    """The answer is sent while the body of the request lies there unread."""
    exchange.send(exchange.honest(unread=True, connection="close"))
    exchange.end()


# Time


@fault("late")
def _late(exchange: Exchange) -> None:
    answer = exchange.honest()
    exchange.pause(0.05)
    exchange.send(answer)


@fault("silent")
def _silent(exchange: Exchange) -> None:
    exchange.honest()
    exchange.wait()


@fault("silent-in-body")
def _silent_in_body(exchange: Exchange) -> None:
    exchange.send(exchange.honest()[:-5])
    exchange.wait()


@fault("drip-head")
def _drip_head(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    exchange.drip(b"x-drip: drip\r\n")


@fault("drip-status")
def _drip_status(exchange: Exchange) -> None:
    exchange.honest()
    exchange.drip(b"HTTP/1.1 100 Continue\r\n\r\n")


@fault("drip-body")
def _drip_body(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(200, {"content-type": "application/json", "content-length": "1000000"}))
    exchange.drip(b" ")


@fault("drip-chunks")
def _drip_chunks(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(200, {"transfer-encoding": "chunked"}))
    exchange.drip(b"1\r\n \r\n")


@fault("drip-gzip")
def _drip_gzip(exchange: Exchange) -> None:
    """Bytes come and nothing comes out of them: a gzip header with a name that never ends."""
    exchange.honest()
    exchange.send(head(200, {"content-encoding": "gzip", "content-length": "1000000"}))
    exchange.send(b"\x1f\x8b\x08\x08\0\0\0\0\0\x03")
    exchange.drip(b"n")


# The form of the answer


@fault("not-http")
def _not_http(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(b"220 mail.example.org ESMTP ready\r\n\r\n")
    exchange.end()


@fault("bytes-at-random")
def _bytes_at_random(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(bytes(range(256)) * 8 + b"\r\n\r\n")
    exchange.end()


@fault("truncated")
def _truncated(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(message(body, status, content_length=str(len(body) + 50)))
    exchange.end()


@fault("chunks-cut")
def _chunks_cut(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(head(status, {"transfer-encoding": "chunked"}))
    exchange.send(b"%x\r\n%b\r\n" % (len(body), body))
    exchange.end()


@fault("chunks-garbage")
def _chunks_garbage(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(head(status, {"transfer-encoding": "chunked"}))
    exchange.send(b"zz\r\n%b\r\n0\r\n\r\n" % body)
    exchange.end()


@fault("head-without-end")
def _head_without_end(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    exchange.pour(b"x-more: " + b"m" * 1000 + b"\r\n")


@fault("huge-head")
def _huge_head(exchange: Exchange) -> None:
    exchange.send(exchange.honest(x_large="m" * MIB))
    exchange.end()


@fault("two-lengths")
def _two_lengths(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(
        f"HTTP/1.1 {status} Answer\r\ncontent-length: {len(body)}\r\ncontent-length: 7\r\n\r\n".encode()
        + body
    )
    exchange.end()


@fault("length-not-a-number")
def _length_not_a_number(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(message(body, status, content_length="-1"))
    exchange.end()


@fault("no-length")
def _no_length(exchange: Exchange) -> None:
    status, body = exchange.result()
    exchange.send(head(status, {"content-type": "application/json"}) + body)
    exchange.end()


@fault("header-not-ascii")
def _header_not_ascii(exchange: Exchange) -> None:
    exchange.send(exchange.honest(x_name="\xe9\xff"))


@fault("continue-in-front")
def _continue_in_front(exchange: Exchange) -> None:
    exchange.send(head(100, {}) + head(103, {"link": "</style.css>"}) + exchange.honest())


@fault("switching-protocols")
def _switching_protocols(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(101, {"connection": "upgrade", "upgrade": "websocket"}))
    exchange.wait()


@fault("second-answer")
def _second_answer(exchange: Exchange) -> None:
    """An answer nobody asked for stands behind the right one, on a connection that is kept."""
    exchange.send(exchange.honest() + message(b'{"jobs": [], "job_id": "of-another"}'))


# The length of the answer


def _declared(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(200, {"content-type": "application/json", "content-length": str(10**12)}))
    exchange.pour(b" " * 65536)


def _undeclared(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(200, {"content-type": "application/json"}))
    exchange.pour(b" " * 65536)


def _chunks_without_end(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(200, {"transfer-encoding": "chunked"}))
    exchange.pour(b"10000\r\n" + b" " * 65536 + b"\r\n")


FAULTS["huge-declared"] = Fault("huge-declared", _declared)
FAULTS["huge-undeclared"] = Fault("huge-undeclared", _undeclared)
FAULTS["huge-chunked"] = Fault("huge-chunked", _chunks_without_end)


# The content coding


@cache
def bomb(mebibytes: int, layers: int = 1) -> bytes:
    """So many MiB of blanks in JSON's eyes, compressed so many times."""
    block = b" " * MIB
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packer.compress(block)
    packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush the same input gives the same output: no need to compress it each time.
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(mebibytes):
        checksum = zlib.crc32(block, checksum)
    end = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS).flush()
    trailer = checksum.to_bytes(4, "little") + (mebibytes * MIB % 2**32).to_bytes(4, "little")
    data = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + again * mebibytes + end + trailer
    for _ in range(layers - 1):
        data = gzip.compress(data, 9)
    return data


def _coded(exchange: Exchange, body: Callable[[bytes], bytes], coding: str = "gzip") -> None:
    status, honest = exchange.result()
    exchange.send(message(body(honest), status, content_encoding=coding))


_CODED: dict[str, Act] = {
    "gzip-bomb": partial(_coded, body=lambda honest: bomb(1024)),
    "gzip-bomb-twice": partial(_coded, body=lambda honest: bomb(300, 2), coding="gzip, gzip"),
    "gzip-truncated": partial(_coded, body=lambda honest: gzip.compress(honest)[:-9]),
    "gzip-damaged": partial(_coded, body=lambda honest: _damaged(gzip.compress(honest))),
    "gzip-not": partial(_coded, body=lambda honest: honest),
    "coding-unknown": partial(_coded, body=lambda honest: honest, coding="br, rot13"),
}


def _damaged(data: bytes) -> bytes:
    """Change a byte of the checksum: every byte of the text is right, and the whole is not."""
    return data[:-6] + bytes([data[-6] ^ 0xFF]) + data[-5:]


for _name, _act in _CODED.items():
    FAULTS[_name] = Fault(_name, _act)


# The answer itself


def _says(exchange: Exchange, status: int, body: bytes, **headers: str) -> None:
    exchange.honest()
    exchange.send(message(body, status, **headers))


def _no_content(exchange: Exchange) -> None:
    exchange.honest()
    exchange.send(head(204, {}))


def _wrong_type(exchange: Exchange) -> None:
    exchange.send(exchange.honest(content_type="text/html"))


HTML = b"<html><body><h1>Bad gateway</h1></body></html>"
_html = partial(_says, body=HTML, content_type="text/html")

_ANSWERS: dict[str, Act] = {
    "empty": partial(_says, status=200, body=b""),
    "no-content": _no_content,
    "deep-json": partial(_says, status=200, body=b"[" * 10_000 + b"]" * 10_000),
    "not-json": partial(_says, status=200, body=b"It works!", content_type="text/plain"),
    "not-utf8": partial(_says, status=200, body=b'{"jobs": [], "job_id": "\xff\xfe"}'),
    "another-shape": partial(_says, status=200, body=b'{"jobs": 5, "job_id": 5, "job_ids": 5}'),
    "wrong-type": _wrong_type,
    "500-html": partial(_html, status=500),
    "502-html": partial(_html, status=502),
    "503": partial(_says, status=503, body=b'{"error": "Busy."}'),
    "503-retry-after": partial(_says, status=503, body=b'{"error": "Busy."}', retry_after="1.5"),
    "503-come-tomorrow": partial(
        _says, status=503, body=b'{"error": "Busy."}', retry_after="86400"
    ),
    "408": partial(_says, status=408, body=b""),
    "520": partial(_html, status=520),
    "999": partial(_says, status=999, body=b""),
    **{
        f"redirect-{status}": partial(_says, status=status, body=b"", location=ELSEWHERE)
        for status in (301, 302, 303, 307, 308)
    },
}
for _name, _act in _ANSWERS.items():
    FAULTS[_name] = Fault(_name, _act)

# The statuses that say that nothing was done; saying so of something that was done is another fault.
_REFUSALS: dict[str, Act] = {
    "429": partial(_says, status=429, body=b'{"error": "Slow down."}'),
    "429-retry-after": partial(
        _says, status=429, body=b'{"error": "Slow down."}', retry_after="1.5"
    ),
    "401": partial(_says, status=401, body=b'{"error": "Unknown key."}'),
    "402": partial(_says, status=402, body=b'{"error": "Not enough credits."}'),
    "422": partial(_says, status=422, body=b'{"error": "No such benchmark."}'),
}
for _name, _act in _REFUSALS.items():
    FAULTS[_name] = Fault(_name, _act, executes=False)
