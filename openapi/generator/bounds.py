"""States the values and bounds that a schema allows."""

from __future__ import annotations

from typing import Any


def allowed_values(schema: dict[str, Any]) -> str:
    """Return the values or the bounds a schema allows, in words; empty if it allows any."""
    if "enum" in schema:
        *most, last = (f"`{value}`" for value in schema["enum"] if value is not None)
        return f"{', '.join(most)} or {last}" if most else last
    low = schema.get("minimum")
    high = schema.get("maximum")
    # The bounds of a 32- or 64-bit type tell a reader nothing.
    low = None if low in {-(2**31), -(2**63)} else low
    high = None if high in {2**31 - 1, 2**63 - 1} else high
    if low is None or high is None:
        return (
            f"at least {low}" if low is not None else f"at most {high}" if high is not None else ""
        )
    return f"{low} to {high}"
