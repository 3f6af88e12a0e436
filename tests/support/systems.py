"""What a test needs of the system that it runs on."""

from __future__ import annotations

import sys

import pytest


def needs_posix(what: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test on Windows, which has no such thing."""
    return pytest.mark.skipif(sys.platform == "win32", reason=f"Windows has no {what}")
