"""Puts on what ends an operation early how to go on with what it has begun."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("benchwire")


@contextmanager
def noting(said: str, *but: type[BaseException]) -> Iterator[None]:
    """Put a note on every exception, save those that say it themselves.

    An interrupt is logged, too: asyncio makes a new one on its way, without the note.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, (GeneratorExit, *but)):
            error.add_note(said)
            if not isinstance(error, Exception):
                log.warning("%s", said)
        raise
