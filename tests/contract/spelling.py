"""The same JSON value in other bytes: escapes, blanks, `42.0` and `4.2e1`, and a name that comes twice."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")


def spelled(value: Any, random: Random) -> bytes:
    """Write a value as JSON, each part of it in one of the ways there are."""
    return _blank(random) + _written(value, random) + _blank(random)


def as_read(content: bytes) -> Any:
    """Parse JSON with the standard library; half a pair of surrogates is U+FFFD."""
    return _mended(json.loads(content))


def _written(value: Any, random: Random) -> bytes:
    if isinstance(value, dict):
        members = [(name, _written(each, random)) for name, each in value.items()]
        if members and random.random() < 0.05:
            members.insert(
                0, (random.choice(members)[0], b'["not this one"]')
            )  # the last one counts
        pairs = (_text(name, random) + b":" + _blank(random) + text for name, text in members)
        return b"{" + _blank(random) + (b"," + _blank(random)).join(pairs) + b"}"
    if isinstance(value, list):
        items = (_written(each, random) for each in value)
        return b"[" + _blank(random) + (_blank(random) + b",").join(items) + b"]"
    if isinstance(value, str):
        return _text(value, random)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return _integer(value, random)
    return json.dumps(value).encode()


def _integer(value: int, random: Random) -> bytes:
    if value == 0:
        return random.choice((b"0", b"-0", b"0.0", b"0e5"))
    zeros = len(str(value)) - len(str(value).rstrip("0"))
    plain = f"{value}"
    ways = (plain, plain, f"{plain}.0", f"{plain}.000", f"{plain}e0", f"{plain}0E-1",
            f"{value // 10**zeros}e+{zeros}")  # fmt: skip
    return random.choice(ways).encode()


def _text(value: str, random: Random) -> bytes:
    has_half = _HALF.search(value) is not None
    written = json.dumps(value, ensure_ascii=has_half or random.random() < 0.5)
    if "\\" not in written and random.random() < 0.1:
        written = written.replace("/", "\\/").replace("a", "\\u0061")
    return written.encode()


def _blank(random: Random) -> bytes:
    return random.choice((b"", b"", b"", b" ", b"\n\t", b"\r\n"))


def _mended(value: Any) -> Any:
    if isinstance(value, dict):
        return {_mended(name): _mended(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_mended(each) for each in value]
    return _HALF.sub("\ufffd", value) if isinstance(value, str) else value
