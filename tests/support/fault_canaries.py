"""Keys that can be told from anything else, and the search for them wherever they must not be."""

from __future__ import annotations

import base64
import io
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import benchwire

OURS = [
    "canAry7Qx2plain9Zk4wax",
    "canAry8\"Wv3quote'Ty6hedge",
    "canAry9<Ru4&amp;Mn7{}%s$Lp1",
    "canAry6\\Bn5back\\\\Gh2slash",
    "canAry5" + "Lx8long3Vd" * 200,
    "canAry4Kc9!#$%&()*+,-./:;=?@[]^_`{|}~",
]
"""Keys that a header can hold."""

THEIRS = [
    *OURS,
    "canAry3Jm6slash\nHt9lime",
    "canAry2Fw7feed\r\nDs4herring",
    "canAry1Pq5nul\0Xa8heron",
    "canAry0Eé7Yb3漢字Zu6",
]
"""Keys of a model's endpoint, which travel in a body."""

UNSENDABLE = [key for key in THEIRS if key not in OURS]
"""What no header can hold."""

_SHORTEST = 6
"""A piece of a key of so many characters is a find."""


@cache
def traces(key: str) -> frozenset[bytes]:
    """Every piece of a key that would betray it, however the rest of it may be escaped."""
    return frozenset(_traces(key))


def _traces(key: str) -> Iterator[bytes]:
    for word in re.findall(r"[A-Za-z0-9]+", key):
        for start in range(max(1, min(len(word), 60) - _SHORTEST + 1)):
            piece = word[start : start + _SHORTEST]
            if len(piece) == _SHORTEST:
                yield piece.encode()
    for shift in range(3):
        coded = base64.b64encode(b"." * shift + key.encode())
        yield coded[4:-4][:12]
    yield quote(key, safe="").encode()


def check(text: str | bytes, *keys: str) -> None:
    """Find nothing of the keys in a text."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    for key in keys:
        for piece in traces(key):
            place = data.find(piece)
            assert place < 0, f"a key shows: …{data[max(0, place - 80) : place + 40]!r}…"


def check_shown(value: object, *keys: str) -> None:
    """Find nothing of the keys in any way to show a value."""
    check(repr(value), *keys)
    check(str(value), *keys)
    check(f"{value}", *keys)
    check(f"{value!r:>300}", *keys)
    if hasattr(value, "__dict__"):
        check(repr(vars(value)), *keys)


def check_error(error: BaseException, *keys: str) -> None:
    """Find nothing of the keys in an error: its texts, its chain, its pickle, its traceback."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        check_shown(one, *keys)
        check(repr(one.args) + repr(getattr(one, "__notes__", [])), *keys)
        left += [one.__cause__, one.__context__]
    check("".join(traceback.format_exception(error)), *keys)
    if isinstance(error, benchwire.BenchwireError):
        check(pickle.dumps(error), *keys)
        copy = pickle.loads(pickle.dumps(error))
        assert (type(copy), str(copy)) == (type(error), str(error))


def with_variables(error: BaseException) -> str:
    """The traceback as tools show it that show variables, from our own code on."""
    frames: TracebackType | None = error.__traceback__
    while frames is not None and "wrapper/benchwire" not in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    shown = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join(shown.format())


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """What all loggers say while this lasts, at DEBUG."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s %(pathname)s"))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


@contextmanager
def quiet_httpcore() -> Iterator[None]:
    """Without the debug log of httpcore, which prints the headers of every answer as they came.

    A service that sends the key back in a header shows it there, and nothing short of changing
    another library's logger could keep it from doing so. Our own log does not show it.
    """
    logger = logging.getLogger("httpcore")
    level = logger.level
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)


def check_files(folder: Path, *keys: str) -> None:
    """Find nothing of the keys in any file of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        check(path.read_bytes(), *keys)
        check(path.name, *keys)
