"""Our frames between a user's line and an error: their names, and how much of them is shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from traceback import walk_tb
from typing import TYPE_CHECKING

from benchwire.errors import BenchwireError

if TYPE_CHECKING:
    from types import FrameType, TracebackType

_PACKAGES = ("benchwire.", "benchwire_api.")
_EXPECTED = (BenchwireError, ValueError, TypeError, KeyboardInterrupt)
"""What our frames do not explain; the message does."""


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).startswith(_PACKAGES)


def _running(depth: int) -> Iterator[FrameType]:
    """Yield our frames of the running stack, up to the public method."""
    frame: FrameType | None = sys._getframe(depth + 1)  # noqa: SLF001  inspect's own way to it
    while frame is not None and _is_own(frame):
        yield frame
        frame = frame.f_back


def public_arguments() -> tuple[str, ...]:
    """Return the names that the public method takes that the user has called."""
    *_, method = _running(1)
    code = method.f_code
    return code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]


class HiddenFrames:
    """Marks our frames where an error that we expect passes: IPython and pytest leave them out.

    The traceback stays whole: logs, error trackers and ``traceback.print_exception`` show all of it.
    With ``BENCHWIRE_TRACEBACKS=full`` in the environment nothing is marked.
    """

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Mark the frames of the error, and those that it has yet to pass."""
        if isinstance(error, _EXPECTED) and os.environ.get("BENCHWIRE_TRACEBACKS") != "full":
            for frame in (*(frame for frame, _ in walk_tb(traceback)), *_running(1)):
                if _is_own(frame):
                    frame.f_locals["__tracebackhide__"] = True
