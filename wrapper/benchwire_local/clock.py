"""The time, as the v0 API writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def utc_now(*, seconds_ago: float = 0) -> str:
    """The time, or a time before it; later times are greater texts."""
    time = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
