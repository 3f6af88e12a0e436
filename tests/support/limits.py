"""Limits of time that a busy machine does not make too short."""

from __future__ import annotations

from collections.abc import Callable


def with_growing_limit(attempt: Callable[[float], bool]) -> None:
    """Repeat an attempt with four times the limit until it returns true; fail after 40 seconds.

    For a test in which a limit has to pass, but not before something else has happened: how long that
    takes depends on what else the machine does. The attempt returns whether it did happen.
    """
    assert any(attempt(limit) for limit in (0.15, 0.6, 2.5, 10.0, 40.0)), "the limit came first"
