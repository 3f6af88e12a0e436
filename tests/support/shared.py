"""Finds the reference material that stands beside a checkout, if it does.

One setting, ``BENCHWIRE_SHARED``, names the folder; without it, ``../shared`` beside the repository
is tried. Tests that need a file from there skip, with the reason, where it is absent.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def shared_dir() -> Path:
    """The folder of reference material, whether or not it exists."""
    return Path(os.environ.get("BENCHWIRE_SHARED") or REPOSITORY.parent / "shared")


def require_shared(*parts: str) -> Path:
    """Return a path in the reference material, or skip the calling test."""
    path = shared_dir().joinpath(*parts)
    if not path.exists():
        pytest.skip(
            f"needs {Path('shared', *parts)}; set BENCHWIRE_SHARED to the folder that has it"
        )
    return path
