"""What tools show that print the variables of each frame: of a traceback, or of a running stack."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import FrameType, TracebackType

from rich.traceback import Traceback

_OURS = ("/wrapper/benchwire", "/generated/benchwire_api")
_DEPTH = 2


def variables_of(error: BaseException) -> str:
    """Everything such tools show of an error and its causes, from our first frame on."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    shown: list[str] = []
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        left += [one.__cause__, one.__context__]
        shown += _expanded(one, _DEPTH)
        place = one.__traceback__
        while place is not None and not _is_ours(place.tb_frame):
            place = place.tb_next
        shown += _of_traceback(one, place)
    return "\n".join(shown)


def variables_of_stack() -> str:
    """Everything such tools show of the frames below a hook, up to our last one."""
    frames: list[FrameType] = []
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        frames.append(frame)
        frame = frame.f_back
    ours = [number for number, frame in enumerate(frames) if _is_ours(frame)]
    assert ours, "no frame of ours is below"
    return "\n".join(text for frame in frames[ours[0] : ours[-1] + 1] for text in _of_frame(frame))


def _is_ours(frame: FrameType) -> bool:
    return any(folder in frame.f_code.co_filename for folder in _OURS)


def _of_traceback(error: BaseException, place: TracebackType | None) -> Iterator[str]:
    kind = type(error)
    plain = traceback.TracebackException(kind, error, place, capture_locals=True, compact=True)
    yield from plain.format(chain=False)
    trace = Traceback.extract(kind, error, place, show_locals=True, locals_hide_sunder=False)
    # Without the lines of source around them, whose colours take most of the time.
    yield str(trace.stacks[0].exc_value)
    for frame in trace.stacks[0].frames:
        for name, node in (frame.locals or {}).items():
            yield f"{name} = {node.render(max_width=1000)}"
    while place is not None:
        yield from _of_frame(place.tb_frame)
        place = place.tb_next


def _of_frame(frame: FrameType) -> Iterator[str]:
    for name, value in frame.f_locals.items():
        for text in _expanded(value, _DEPTH):
            yield f"{frame.f_code.co_qualname}: {name} = {text}"


def _expanded(value: object, depth: int) -> Iterator[str]:
    """The reprs of a value, of what it holds, and of its attributes, so many levels deep.

    Containers are shown as error trackers do it; what is a text or bytes by its repr, in part, too.
    """
    yield repr(value)
    if isinstance(value, str | bytes):
        yield repr(value[:80])
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from _expanded(name, depth)
            yield from _expanded(each, depth)
    elif isinstance(value, Sequence | AbstractSet) and not isinstance(value, range | memoryview):
        for each in value:
            yield from _expanded(each, depth)
    elif depth and not isinstance(value, type) and hasattr(value, "__dict__"):
        for each in list(vars(value).values()):
            yield from _expanded(each, depth - 1)
