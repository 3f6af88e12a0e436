"""All changes by name, of all three APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from benchwire_local.drift import public, v0, v2

if TYPE_CHECKING:
    from benchwire_local.drift.messages import Change

CHANGES: Final[dict[str, Change]] = {
    change.id: change for module in (public, v2, v0) for change in module.CHANGES
}
