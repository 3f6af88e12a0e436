"""The current time in the v0 API's format."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utc_now(*, seconds_ago: float = 0) -> str:
    """Return the time, or an earlier one, as a text; texts sort by time."""
    time = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
